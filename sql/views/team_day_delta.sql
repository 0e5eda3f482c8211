-- grain:   one row for each team and UTC day whose sums are not the base's any more
-- key:     team_id, day
-- sources: learner_days_base, learner_days_delta, touched_learner
-- tier:    delta, after learner_days_delta
-- What the touched learners have now, less what they had in the base: mostly of today alone.
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
        changed.team_id,
        day.day,
        changed.sign * (day.session_count > 0)::integer as active_learners,
        changed.sign * day.session_count as session_count,
        changed.sign * day.focus_seconds as focus_seconds,
        changed.sign * day.attempt_count as attempt_count,
        changed.sign * day.score_sum as score_sum,
        changed.sign * day.completion_count as completion_count
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
),

difference as (
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
)

select *
from difference
where
    (active_learners, session_count, focus_seconds, attempt_count, score_sum, completion_count)
    <> (0, 0, 0, 0, 0, 0)
