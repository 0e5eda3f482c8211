-- The last days of the teams in scope with their stamp: one row for each UTC day, the oldest
-- first, today included, whether or not anybody was there. No row before the first refresh.
-- Parameters: team_ids, null for all; days.
select
    stamp.refresh_id,
    stamp.computed_at,
    calendar.day::date as day,
    coalesce(sum(team.active_learners), 0)::bigint as active_learners,
    round(coalesce(sum(team.focus_seconds), 0) / 60.0, 1) as focus_minutes,
    coalesce(sum(team.completion_count), 0)::bigint as completions,
    round(sum(team.score_sum) / nullif(sum(team.attempt_count), 0), 1) as quiz_accuracy
from analytics_stamp as stamp
cross join
    lateral generate_series(
        (stamp.computed_at at time zone 'UTC')::date - (%(days)s::integer - 1),
        (stamp.computed_at at time zone 'UTC')::date,
        interval '1 day'
    ) as calendar (day)
left join analytics.team_day as team
    on
        calendar.day::date = team.day
        and (%(team_ids)s::bigint[] is null or team.team_id = any(%(team_ids)s::bigint[]))
group by stamp.refresh_id, stamp.computed_at, calendar.day
order by calendar.day asc;
