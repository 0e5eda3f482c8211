-- Each learner's session number %(round)s, counted back from the latest, which is number 1. They lie
-- evenly over the learner's time, at least a day apart, none as long as an hour.
with drawn as (
    select
        learner.*,
        learner.span / %(sessions)s as step,
        bench.share(learner.id, 1000 + %(round)s) as shift,
        (
            case
                when learner.is_diligent
                    then 360 + bench.share(learner.id, 2000 + %(round)s) * 2040
                else 60 + bench.share(learner.id, 2000 + %(round)s) * 420
            end
        )::bigint as focus_seconds
    from bench.learner as learner
    where learner.latest_at is not null
),

placed as (
    select
        id,
        focus_seconds,
        latest_at
        - (%(round)s - 1) * step
        - case when %(round)s > 1 then shift * 0.8 else 0 end * step as ended_at
    from drawn
)

insert into tracking_learningsession (
    id, user_id, module_id, start_time, last_pulse_at, focus_duration_seconds
)
select
    %(first_id)s::bigint + id,
    id,
    1 + (id + %(round)s * 3) %% %(modules)s,
    ended_at - focus_seconds * 1.2 * interval '1 second',
    ended_at,
    focus_seconds
from placed;
