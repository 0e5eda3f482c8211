-- Each learner's attempt number %(round)s, counted back from the latest.
with drawn as (
    select
        learner.*,
        bench.share(learner.id, 3000 + %(round)s) as shift,
        least(
            case when learner.is_diligent then 45 else 15 end
            + bench.share(learner.id, 4000 + %(round)s) * 70,
            100
        )::numeric(5, 2) as score
    from bench.learner as learner
    where learner.latest_at is not null
)

insert into tracking_quizattempt (id, user_id, quiz_id, score, passed, timestamp, answers)
select
    %(first_id)s::bigint + id,
    id,
    1 + (id + %(round)s) %% (%(modules)s / 2),
    score,
    score >= 70,
    latest_at - (%(round)s - 1 + shift * 0.8) * (span / %(attempts)s),
    '{}'::jsonb
from drawn;
