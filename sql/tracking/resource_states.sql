-- Where one learner stands in resources. Parameters: learner_id, resource_ids.
select
    resource.id as resource_id,
    coalesce(progress.watch_time_seconds, 0) as watch_time_seconds,
    coalesce(progress.completed, false) as completed,
    public.tracking_covered_percent(
        coalesce(progress.covered_ms, 0), resource.duration_seconds
    )::double precision as covered_percent
from tracking_resource as resource
left join tracking_resourceprogress as progress
    on resource.id = progress.resource_id and progress.user_id = %(learner_id)s
where resource.id = any(%(resource_ids)s::bigint[]);
