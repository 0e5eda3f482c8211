-- The latest 100 events of one learner up to the stamp, newest first.
-- Parameters: learner_id, computed_at.
with event as (
    select
        completed_at as occurred_at,
        'Completed Module: ' || title as event,
        'completion' as type,
        module_id as tie
    from analytics.learner_module
    where learner_id = %(learner_id)s and completed_at is not null
    union all
    select
        first_session_at,
        'Started Module: ' || title,
        'start',
        module_id
    from analytics.learner_module
    where learner_id = %(learner_id)s and first_session_at is not null
    union all
    select
        attempt.timestamp,
        case when attempt.passed then 'Passed Quiz: ' else 'Failed Quiz: ' end
        || module.title || ' (' || round(attempt.score)::text || '%%)',
        'quiz',
        attempt.id
    from tracking_quizattempt as attempt
    inner join tracking_quiz as quiz on attempt.quiz_id = quiz.id
    inner join tracking_module as module on quiz.module_id = module.id
    where attempt.user_id = %(learner_id)s
    union all
    select
        submission.submitted_at,
        'Submitted Assignment: ' || module.title,
        'submission',
        submission.id
    from tracking_submission as submission
    inner join tracking_assignment as assignment on submission.assignment_id = assignment.id
    inner join tracking_module as module on assignment.module_id = module.id
    where assignment.user_id = %(learner_id)s
)

select
    occurred_at,
    event,
    type
from event
where occurred_at <= %(computed_at)s
order by occurred_at desc, type asc, tie desc
limit 100;
