-- One learner's head, timeline, modules, quiz attempts and assignments with their stamp.
-- Parameters: team_ids, null for all; learner. One row, without a head for a learner outside the
-- scope; none before the first refresh.
with head as (
    select
        learner_id as id,
        username,
        full_name,
        team_id,
        status,
        engagement_score,
        total_focus_mins,
        public.utc_text(last_active_at) as last_active,
        risk_level
    from analytics.learner_snapshot
    where
        learner_id = %(learner)s
        and (%(team_ids)s::bigint[] is null or team_id = any(%(team_ids)s::bigint[]))
),

module as (
    select * from analytics.learner_module
    where learner_id = %(learner)s
),

attempt as (
    select * from analytics.learner_quiz_attempt
    where learner_id = %(learner)s
),

assignment as (
    select * from analytics.learner_assignment
    where learner_id = %(learner)s
),

event as (
    select
        completed_at as occurred_at,
        'Completed Module: ' || title as event,
        'completion' as type,
        module_id as tie
    from module
    where completed_at is not null
    union all
    select
        first_session_at,
        'Started Module: ' || title,
        'start',
        module_id
    from module
    where first_session_at is not null
    union all
    select
        attempted_at,
        case when is_passed then 'Passed Quiz: ' else 'Failed Quiz: ' end
        || module_title || ' (' || round(score)::text || '%%)',
        'quiz',
        attempt_id
    from attempt
    union all
    select
        submission.submitted_at,
        'Submitted Assignment: ' || assignment.module_title,
        'submission',
        assignment.assignment_id
    from assignment
    cross join unnest(assignment.submissions_at) as submission (submitted_at)
),

latest_event as (
    select *
    from event
    order by occurred_at desc, type asc, tie desc
    limit 100
)

select
    stamp.refresh_id,
    (select row_to_json(head) from head) as learner,
    (
        select
            coalesce(
                json_agg(
                    json_build_object(
                        'timestamp', public.utc_text(occurred_at),
                        'event', event,
                        'type', type
                    )
                    order by occurred_at desc, type asc, tie desc
                ),
                '[]'
            )
        from latest_event
    ) as timeline,
    (
        select
            coalesce(
                json_agg(
                    json_build_object(
                        'id', module_id,
                        'title', title,
                        'status', status,
                        'progress_percent', progress_percent,
                        'focus_time_mins', focus_time_mins
                    )
                    order by last_accessed_at desc nulls last, module_id asc
                ),
                '[]'
            )
        from module
    ) as modules,
    (
        select
            coalesce(
                json_agg(
                    json_build_object(
                        'quiz_id', quiz_id,
                        'module_title', module_title,
                        'score', score,
                        'passed', is_passed,
                        'timestamp', public.utc_text(attempted_at)
                    )
                    order by attempted_at desc, attempt_id desc
                ),
                '[]'
            )
        from attempt
    ) as quiz_performance,
    (
        select
            coalesce(
                json_agg(
                    json_build_object(
                        'id', assignment_id,
                        'module_title', module_title,
                        'status', status,
                        'submitted_at', public.utc_text(submitted_at),
                        'module_id', module_id,
                        'due_at', public.utc_text(due_at),
                        'submission_id', submission_id,
                        'grade', grade
                    )
                    order by assignment_id desc
                ),
                '[]'
            )
        from assignment
    ) as assignments,
    stamp.computed_at
from analytics_stamp as stamp;
