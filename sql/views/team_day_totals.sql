-- grain:   one row for each team and UTC day on which a learner of it was active
-- key:     team_id, day
-- sources: team_day_base, learner_day_totals_base, learner_day_totals_delta, touched_learner
-- tier:    delta, after learner_day_totals_delta
-- The base's sums, less what the touched learners had in them, plus what they have now.
with part as (
    select
        team_id,
        day,
        active_learners,
        session_count,
        focus_seconds,
        attempt_count,
        score_sum,
        completion_count
    from team_day_base
    union all
    select
        team_id,
        day,
        -(session_count > 0)::integer,
        -session_count,
        -focus_seconds,
        -attempt_count,
        -score_sum,
        -completion_count
    from learner_day_totals_base
    where learner_id in (select touched_learner.learner_id from touched_learner)
    union all
    select
        team_id,
        day,
        (session_count > 0)::integer,
        session_count,
        focus_seconds,
        attempt_count,
        score_sum,
        completion_count
    from learner_day_totals_delta
)

select
    team_id,
    day,
    sum(active_learners)::bigint as active_learners,
    sum(session_count)::bigint as session_count,
    sum(focus_seconds)::bigint as focus_seconds,
    sum(attempt_count)::bigint as attempt_count,
    sum(score_sum) as score_sum,
    sum(completion_count)::bigint as completion_count
from part
group by team_id, day
having sum(session_count) > 0 or sum(attempt_count) > 0 or sum(completion_count) > 0
