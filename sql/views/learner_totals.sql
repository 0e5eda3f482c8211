-- grain:   one row for each active learner
-- key:     learner_id
-- sources: tracking_user, tracking_learningsession, tracking_moduleprogress, tracking_quizattempt,
--          tracking_quiz, tracking_assignment, tracking_submission
-- tier:    every refresh
-- Only what changes when the learner's data changes; what the clock changes is in learner_scores.
with learner as (
    select
        id as learner_id,
        team_id,
        username,
        trim(first_name || ' ' || last_name) as full_name
    from tracking_user
    where role = 'learner' and is_active
),

session as (
    select
        user_id as learner_id,
        count(*) as session_count,
        sum(focus_duration_seconds) as focus_seconds,
        count(distinct(start_time at time zone 'UTC')::date) as active_days,
        max(greatest(start_time, last_pulse_at)) as last_learning_at
    from tracking_learningsession
    group by user_id
),

module as (
    select
        user_id as learner_id,
        count(*) as modules_total,
        count(*) filter (where status = 'completed') as modules_completed,
        count(*) filter (where status = 'in_progress') as modules_in_progress,
        max(last_accessed) as last_accessed_at
    from tracking_moduleprogress
    group by user_id
),

attempt as (
    select
        user_id as learner_id,
        count(*) as attempt_count,
        sum(score) as score_sum
    from tracking_quizattempt
    group by user_id
),

-- A quiz fails a learner when the latest attempt did and none before it passed.
quiz as (
    select
        user_id as learner_id,
        quiz_id
    from tracking_quizattempt
    group by user_id, quiz_id
    having not bool_or(passed)
),

failing_quiz as (
    select
        learner_id,
        count(*) as failing_quiz_count
    from quiz
    group by learner_id
),

assignment as (
    select
        assignment.user_id as learner_id,
        count(*) as assignment_count,
        count(submission.submitted_at) as submitted_count,
        -- Nothing is owed for work that its module, or a manager, has already accepted.
        count(*) filter (
            where submission.submitted_at is null and assignment.status = 'assigned'
        ) as open_count,
        array_agg(assignment.due_at order by assignment.due_at) filter (
            where
            submission.submitted_at is null
            and assignment.status = 'assigned'
            and assignment.due_at is not null
        ) as open_due_at
    from tracking_assignment as assignment
    left join (
        select
            assignment_id,
            min(submitted_at) as submitted_at
        from tracking_submission
        group by assignment_id
    ) as submission on assignment.id = submission.assignment_id
    group by assignment.user_id
)

select
    learner.learner_id,
    learner.team_id,
    learner.username,
    learner.full_name,
    session.last_learning_at,
    coalesce(session.session_count, 0) as session_count,
    coalesce(session.focus_seconds, 0) as focus_seconds,
    coalesce(session.active_days, 0) as active_days,
    greatest(session.last_learning_at, module.last_accessed_at) as last_active_at,
    coalesce(module.modules_total, 0) as modules_total,
    coalesce(module.modules_completed, 0) as modules_completed,
    coalesce(module.modules_in_progress, 0) as modules_in_progress,
    coalesce(attempt.attempt_count, 0) as attempt_count,
    coalesce(attempt.score_sum, 0) as score_sum,
    coalesce(failing_quiz.failing_quiz_count, 0) as failing_quiz_count,
    coalesce(assignment.assignment_count, 0) as assignment_count,
    coalesce(assignment.submitted_count, 0) as submitted_count,
    coalesce(assignment.open_count, 0) as open_count,
    coalesce(assignment.open_due_at, '{}'::timestamptz[]) as open_due_at
from learner
left join session on learner.learner_id = session.learner_id
left join module on learner.learner_id = module.learner_id
left join attempt on learner.learner_id = attempt.learner_id
left join failing_quiz on learner.learner_id = failing_quiz.learner_id
left join assignment on learner.learner_id = assignment.learner_id
