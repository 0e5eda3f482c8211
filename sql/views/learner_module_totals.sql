-- grain:   one row for each active learner and module that the learner has begun or was given
-- key:     learner_id, module_id
-- sources: tracking_user, tracking_module, tracking_moduleprogress, tracking_resource,
--          tracking_resourceprogress, learner_sessions, tracking_quiz,
--          tracking_quizattempt, tracking_assignment, tracking_submission
-- tier:    base and delta: chosen_learner stands for every_learner and for touched_learner
with resource as (
    select
        module_id,
        count(*) as resources_total
    from tracking_resource
    group by module_id
),

completed_resource as (
    select
        progress.user_id as learner_id,
        resource.module_id,
        count(*) as resources_completed
    from tracking_resourceprogress as progress
    inner join tracking_resource as resource on progress.resource_id = resource.id
    where
        progress.completed
        and progress.user_id in (select chosen_learner.learner_id from chosen_learner)
    group by progress.user_id, resource.module_id
),

session as (
    select
        sessions.learner_id,
        summed.module_id,
        summed.focus_seconds,
        summed.first_session_at
    from chosen_sessions as sessions
    cross join
        lateral (
            select
                element.module_id,
                sum(element.focus_seconds)::bigint as focus_seconds,
                min(element.first_session_at) as first_session_at
            from
                unnest(
                    sessions.module_ids, sessions.focus_seconds, sessions.first_sessions_at
                ) as element (module_id, focus_seconds, first_session_at)
            group by element.module_id
        ) as summed
),

passed_quiz as (
    select distinct
        attempt.user_id as learner_id,
        quiz.module_id
    from tracking_quizattempt as attempt
    inner join tracking_quiz as quiz on attempt.quiz_id = quiz.id
    where
        attempt.passed
        and attempt.user_id in (select chosen_learner.learner_id from chosen_learner)
),

submitted_assignment as (
    select distinct
        assignment.user_id as learner_id,
        assignment.module_id
    from tracking_submission as submission
    inner join tracking_assignment as assignment on submission.assignment_id = assignment.id
    where assignment.user_id in (select chosen_learner.learner_id from chosen_learner)
)

select
    learner.id as learner_id,
    learner.team_id,
    progress.module_id,
    module.title,
    progress.status,
    progress.last_accessed as last_accessed_at,
    progress.completed_at,
    session.first_session_at,
    module.has_quiz,
    module.has_assignment,
    coalesce(resource.resources_total, 0) as resources_total,
    coalesce(completed_resource.resources_completed, 0) as resources_completed,
    passed_quiz.learner_id is not null as is_quiz_passed,
    submitted_assignment.learner_id is not null as is_assignment_submitted,
    public.tracking_progress_percent(
        coalesce(completed_resource.resources_completed, 0),
        coalesce(resource.resources_total, 0),
        (module.has_quiz and passed_quiz.learner_id is null)
        or (module.has_assignment and submitted_assignment.learner_id is null)
    ) as progress_percent,
    coalesce(session.focus_seconds, 0) as focus_seconds
from tracking_moduleprogress as progress
inner join tracking_user as learner
    on progress.user_id = learner.id and learner.role = 'learner' and learner.is_active
inner join tracking_module as module on progress.module_id = module.id
left join resource on progress.module_id = resource.module_id
left join completed_resource
    on
        progress.user_id = completed_resource.learner_id
        and progress.module_id = completed_resource.module_id
left join session
    on progress.user_id = session.learner_id and progress.module_id = session.module_id
left join passed_quiz
    on progress.user_id = passed_quiz.learner_id and progress.module_id = passed_quiz.module_id
left join submitted_assignment
    on
        progress.user_id = submitted_assignment.learner_id
        and progress.module_id = submitted_assignment.module_id
where progress.user_id in (select chosen_learner.learner_id from chosen_learner)
