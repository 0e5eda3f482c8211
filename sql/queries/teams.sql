-- The figures of each team in scope with their stamp and how many teams there are in all: one row
-- for each team of the page, by name, or a single one without a team. No row before the first
-- refresh. Parameters: team_ids, null for all; row_limit; row_offset.
with team as not materialized (
    select *
    from analytics.team_summary
    where %(team_ids)s::bigint[] is null or team_id = any(%(team_ids)s::bigint[])
),

page as (
    select *
    from team
    order by team_name asc, team_id asc
    limit
        %(row_limit)s
        offset %(row_offset)s
)

select
    stamp.refresh_id,
    (select count(*) from team) as total,
    page.team_id as id,
    page.team_name as name,
    page.learner_count,
    page.active_24h,
    page.inactive_72h,
    page.avg_focus_mins,
    page.avg_accuracy,
    page.assignment_rate,
    page.at_risk_count,
    stamp.computed_at
from analytics_stamp as stamp
left join page on true
order by page.team_name asc, page.team_id asc;
