-- The latest 100 events of one learner, newest first. Parameter: learner_id.
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
        attempted_at,
        case when is_passed then 'Passed Quiz: ' else 'Failed Quiz: ' end
        || module_title || ' (' || round(score)::text || '%%)',
        'quiz',
        attempt_id
    from analytics.learner_quiz_attempt
    where learner_id = %(learner_id)s
    union all
    select
        submission.submitted_at,
        'Submitted Assignment: ' || assignment.module_title,
        'submission',
        assignment.assignment_id
    from analytics.learner_assignment as assignment
    cross join unnest(assignment.submissions_at) as submission (submitted_at)
    where assignment.learner_id = %(learner_id)s
)

select
    occurred_at,
    event,
    type
from event
order by occurred_at desc, type asc, tie desc
limit 100;
