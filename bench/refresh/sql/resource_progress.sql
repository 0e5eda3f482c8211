-- One of the two videos of one module of each learner who was ever here.
with drawn as (
    select
        learner.*,
        bench.share(learner.id, 300 + %(round)s) as seen
    from bench.learner as learner
    where latest_at is not null
)

insert into tracking_resourceprogress (
    id, user_id, resource_id, watch_time_seconds, watched, completed, completed_at
)
select
    %(first_id)s::bigint + id,
    id,
    2 * (id %% %(modules)s) + %(round)s,
    (60 + seen * 900)::bigint,
    int4multirange(int4range(0, case when seen < 0.5 then 600000 else (seen * 500000)::int end)),
    seen < 0.5,
    case when seen < 0.5 then latest_at - seen * span end
from drawn;
