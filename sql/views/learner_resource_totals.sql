-- grain:   one row for each active learner and resource that the learner has touched
-- key:     learner_id, resource_id
-- sources: tracking_user, tracking_resource, tracking_resourceprogress
-- tier:    base and delta: chosen_learner stands for every_learner and for touched_learner
select
    learner.id as learner_id,
    learner.team_id,
    resource.module_id,
    resource.id as resource_id,
    resource.title,
    resource.duration_seconds,
    progress.watch_time_seconds,
    round(progress.covered_ms / 1000.0, 3) as covered_seconds,
    public.tracking_covered_percent(progress.covered_ms, resource.duration_seconds)
        as covered_percent,
    progress.completed as is_completed,
    progress.completed_at
from tracking_resourceprogress as progress
inner join tracking_user as learner
    on progress.user_id = learner.id and learner.role = 'learner' and learner.is_active
inner join tracking_resource as resource on progress.resource_id = resource.id
where progress.user_id in (select chosen_learner.learner_id from chosen_learner)
