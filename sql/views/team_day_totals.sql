-- grain:   one row for each team and UTC day on which a learner of it was active
-- key:     team_id, day
-- sources: team_day_base, learner_days_base, learner_days_delta, touched_learner
-- tier:    delta, after learner_days_delta
-- The base's sums, less what the touched learners had in them, plus what they have now.
with changed as (
    select
        -1 as sign,
        base.*
    from learner_days_base as base
    where base.learner_id in (select touched_learner.learner_id from touched_learner)
    union all
    select
        1,
        delta.*
    from learner_days_delta as delta
),

part as (
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
        changed.team_id,
        day.day,
        changed.sign * (day.session_count > 0)::integer,
        changed.sign * day.session_count,
        changed.sign * day.focus_seconds,
        changed.sign * day.attempt_count,
        changed.sign * day.score_sum,
        changed.sign * day.completion_count
    from changed
    cross join
        unnest(
            changed.days,
            changed.session_counts,
            changed.focus_seconds,
            changed.attempt_counts,
            changed.score_sums,
            changed.completion_counts
        ) as day (day, session_count, focus_seconds, attempt_count, score_sum, completion_count)
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
