-- grain:   one row for each team and UTC day on which a learner of it was active
-- key:     team_id, day
-- sources: learner_days_base
-- tier:    base, after learner_days_base
select
    learner.team_id,
    day.day,
    count(*) filter (where day.session_count > 0) as active_learners,
    sum(day.session_count) as session_count,
    sum(day.focus_seconds)::bigint as focus_seconds,
    sum(day.attempt_count) as attempt_count,
    sum(day.score_sum) as score_sum,
    sum(day.completion_count) as completion_count
from learner_days_base as learner
cross join
    unnest(
        learner.days,
        learner.session_counts,
        learner.focus_seconds,
        learner.attempt_counts,
        learner.score_sums,
        learner.completion_counts
    ) as day (day, session_count, focus_seconds, attempt_count, score_sum, completion_count)
group by learner.team_id, day.day
