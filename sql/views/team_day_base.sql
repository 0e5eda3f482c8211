-- grain:   one row for each team and UTC day on which a learner of it was active
-- key:     team_id, day
-- sources: learner_day_totals_base
-- tier:    base, after learner_day_totals_base
select
    team_id,
    day,
    count(*) filter (where session_count > 0) as active_learners,
    sum(session_count)::bigint as session_count,
    sum(focus_seconds)::bigint as focus_seconds,
    sum(attempt_count)::bigint as attempt_count,
    sum(score_sum) as score_sum,
    sum(completion_count)::bigint as completion_count
from learner_day_totals_base
group by team_id, day
