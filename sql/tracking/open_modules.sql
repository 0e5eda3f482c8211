-- Resolves the (module, resource) pairs of a batch to what the learner may see, and makes sure
-- that a progress row stands for each module. Parameters: learner_id, module_ids, resource_ids.
with visible as (
    select distinct
        module.id as module_id,
        resource.id as resource_id,
        resource.duration_seconds
    from
        unnest(%(module_ids)s::bigint[], %(resource_ids)s::bigint[])
            as wanted (module_id, resource_id)
    inner join tracking_resource as resource
        on wanted.resource_id = resource.id and wanted.module_id = resource.module_id
    inner join tracking_module as module
        on resource.module_id = module.id and module.is_published
),

opened as (
    insert into tracking_moduleprogress (user_id, module_id, status)
    select distinct
        %(learner_id)s::bigint,
        visible.module_id,
        'not_started'
    from visible
    order by visible.module_id
    on conflict (user_id, module_id) do nothing
    returning module_id
)

select
    visible.module_id,
    visible.resource_id,
    visible.duration_seconds,
    opened.module_id is not null as is_opened
from visible
left join opened on visible.module_id = opened.module_id;
