-- grain:   one row for each team and UTC day on which a learner of it was active
-- key:     team_id, day
-- sources: team_day_base, team_day_delta
-- tier:    none: a plain view, worked out when it is read
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
        active_learners,
        session_count,
        focus_seconds,
        attempt_count,
        score_sum,
        completion_count
    from team_day_delta
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
