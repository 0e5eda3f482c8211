-- How many learners in scope there are of each status and each risk level, with the stamp.
-- Parameter: team_ids, null for all. One row; none before the first refresh.
select
    stamp.refresh_id,
    stamp.computed_at,
    coalesce(sum(team.learner_count), 0)::bigint as learner_count,
    coalesce(sum(team.active_count), 0)::bigint as active,
    coalesce(sum(team.idle_count), 0)::bigint as idle,
    coalesce(sum(team.inactive_count), 0)::bigint as inactive,
    coalesce(sum(team.not_started_count), 0)::bigint as not_started,
    coalesce(sum(team.high_risk_count), 0)::bigint as high,
    coalesce(sum(team.medium_risk_count), 0)::bigint as medium,
    coalesce(sum(team.low_risk_count), 0)::bigint as low
from analytics_stamp as stamp
left join analytics.team_summary as team
    on %(team_ids)s::bigint[] is null or team.team_id = any(%(team_ids)s::bigint[])
group by stamp.refresh_id, stamp.computed_at;
