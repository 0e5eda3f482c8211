-- The pieces of evidence that a learner has for a module, as they are kept with a completion:
-- {"resources": [{"id", "completed_at"}], "quiz_attempt": {"id", "passed_at"} or null,
-- "submission": {"id", "submitted_at"} or null}. The first passed attempt and the first submission
-- count, and only where the module asks for them.
create or replace function public.tracking_completion_evidence(learner bigint, module bigint)
returns jsonb
language sql
stable
as $$
select
    jsonb_build_object(
        'resources',
        (
            select
                coalesce(
                    jsonb_agg(
                        jsonb_build_object('id', resource.id, 'completed_at', progress.completed_at)
                        order by resource.id
                    ),
                    '[]'
                )
            from public.tracking_resource as resource
            inner join public.tracking_resourceprogress as progress
                on resource.id = progress.resource_id and progress.user_id = learner
            where resource.module_id = asked.id and progress.completed
        ),
        'quiz_attempt',
        (
            select jsonb_build_object('id', attempt.id, 'passed_at', attempt.timestamp)
            from public.tracking_quizattempt as attempt
            inner join public.tracking_quiz as quiz on attempt.quiz_id = quiz.id
            where
                asked.has_quiz
                and quiz.module_id = asked.id
                and attempt.user_id = learner
                and attempt.passed
            order by attempt.timestamp, attempt.id
            limit 1
        ),
        'submission',
        (
            select
                jsonb_build_object('id', submission.id, 'submitted_at', submission.submitted_at)
            from public.tracking_submission as submission
            inner join public.tracking_assignment as assignment
                on submission.assignment_id = assignment.id
            where
                asked.has_assignment
                and assignment.module_id = asked.id
                and assignment.user_id = learner
            order by submission.submitted_at, submission.id
            limit 1
        )
    )
from public.tracking_module as asked
where asked.id = module
$$;
