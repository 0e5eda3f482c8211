-- What speaks for the completion of modules by one learner: the one statement of the completion
-- rule. One row for each module that exists; satisfied_at is the time of the last piece.
create or replace function public.tracking_module_evidence(learner bigint, modules bigint[])
returns table (
    module_id bigint,
    status text,
    progress_percent numeric,
    is_satisfied boolean,
    satisfied_at timestamptz
)
language sql
stable
as $$
select
    module.id as module_id,
    coalesce(progress.status, 'not_started')::text as status,
    public.tracking_progress_percent(
        resources.completed,
        resources.total,
        (module.has_quiz and quiz.passed_at is null)
        or (module.has_assignment and assignment.submitted_at is null)
    ) as progress_percent,
    (
        (resources.total > 0 or module.has_quiz or module.has_assignment)
        and resources.completed = resources.total
        and (not module.has_quiz or quiz.passed_at is not null)
        and (not module.has_assignment or assignment.submitted_at is not null)
    ) as is_satisfied,
    greatest(resources.completed_at, quiz.passed_at, assignment.submitted_at) as satisfied_at
from public.tracking_module as module
left join public.tracking_moduleprogress as progress
    on module.id = progress.module_id and progress.user_id = learner
cross join
    lateral (
        select
            count(*) as total,
            count(*) filter (where resource_progress.completed) as completed,
            max(resource_progress.completed_at) as completed_at
        from public.tracking_resource as resource
        left join public.tracking_resourceprogress as resource_progress
            on
                resource.id = resource_progress.resource_id
                and resource_progress.user_id = learner
        where resource.module_id = module.id
    ) as resources
cross join
    lateral (
        select min(attempt.timestamp) as passed_at
        from public.tracking_quizattempt as attempt
        inner join public.tracking_quiz as quiz on attempt.quiz_id = quiz.id
        where
            module.has_quiz
            and quiz.module_id = module.id
            and attempt.user_id = learner
            and attempt.passed
    ) as quiz
cross join
    lateral (
        select min(submission.submitted_at) as submitted_at
        from public.tracking_submission as submission
        inner join public.tracking_assignment as assignment
            on submission.assignment_id = assignment.id
        where
            module.has_assignment
            and assignment.module_id = module.id
            and assignment.user_id = learner
    ) as assignment
where module.id = any(modules)
order by module.id
$$;
