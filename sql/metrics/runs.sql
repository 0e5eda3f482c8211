-- Refreshes that began in the last hour, by how they went and what they computed.
select
    status,
    coalesce(nullif(tier, ''), 'none') as tier,
    count(*) as runs
from analytics_refreshrun
where started_at > statement_timestamp() - interval '1 hour'
group by status, tier
