-- How many learners in scope there are of each status and each risk level, with the stamp.
-- Parameter: team_ids, null for all. One row; none before the first refresh.
select
    stamp.refresh_id,
    stamp.computed_at,
    count(learner.learner_id) as learner_count,
    count(*) filter (where learner.status = 'active') as active,
    count(*) filter (where learner.status = 'idle') as idle,
    count(*) filter (where learner.status = 'inactive') as inactive,
    count(*) filter (where learner.status = 'not_started') as not_started,
    count(*) filter (where learner.risk_level = 'High') as high,
    count(*) filter (where learner.risk_level = 'Medium') as medium,
    count(*) filter (where learner.risk_level = 'Low') as low
from analytics_stamp as stamp
left join analytics.learner_snapshot as learner
    on %(team_ids)s::bigint[] is null or learner.team_id = any(%(team_ids)s::bigint[])
group by stamp.refresh_id, stamp.computed_at;
