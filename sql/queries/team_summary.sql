-- The team summary over every team in scope, with its stamp, in one statement.
-- Parameter: team_ids, null for all. One row; none before the first refresh.
select
    stamp.refresh_id,
    stamp.computed_at,
    coalesce(sum(team.active_24h), 0)::bigint as active_24h,
    coalesce(sum(team.inactive_72h), 0)::bigint as inactive_72h,
    round(sum(team.week_focus_seconds) / (60.0 * nullif(sum(team.week_session_count), 0)), 1)
        as avg_focus_mins,
    round(sum(team.week_score_sum) / nullif(sum(team.week_attempt_count), 0), 1)
        as avg_accuracy,
    round(sum(team.submitted_count) * 100.0 / nullif(sum(team.assignment_count), 0), 1)
        as assignment_rate,
    coalesce(sum(team.at_risk_count), 0)::bigint as at_risk_count
from analytics_stamp as stamp
left join analytics.team_summary as team
    on %(team_ids)s::bigint[] is null or team.team_id = any(%(team_ids)s::bigint[])
group by stamp.refresh_id, stamp.computed_at;
