-- rule:  A learner was last in a module no earlier than any evidence says: pulses, sessions, quiz
--        attempts, submissions, and the completion of the module.
-- grain: one row for each learner and module that was accessed later than it says, or that has
--        evidence and no progress.
-- do:    The last access was moved back besides the product: set it to what is expected. A quiz
--        that was moved to another module has taken its attempts along: move it back.
-- The last access may be later than all evidence: content may have been deleted since.
select
    part.learner_id,
    part.module_id,
    max(part.at) as expected_at_least,
    max(part.last_accessed) as actual_at
from (
    select
        evidence.learner_id,
        evidence.module_id,
        evidence.last_at as at,
        null::timestamptz as last_accessed
    from public.tracking_evidence_of_learning() as evidence
    inner join tracking_user as learner on evidence.learner_id = learner.id
    inner join tracking_module as module on evidence.module_id = module.id
    union all
    select
        user_id,
        module_id,
        coalesce(last_pulse_at, start_time),
        null
    from tracking_learningsession
    union all
    select
        attempt.user_id,
        quiz.module_id,
        attempt.timestamp,
        null
    from tracking_quizattempt as attempt
    inner join tracking_quiz as quiz on attempt.quiz_id = quiz.id
    union all
    select
        assignment.user_id,
        assignment.module_id,
        submission.submitted_at,
        null
    from tracking_submission as submission
    inner join tracking_assignment as assignment on submission.assignment_id = assignment.id
    union all
    select
        user_id,
        module_id,
        completed_at,
        last_accessed
    from tracking_moduleprogress
) as part
group by part.learner_id, part.module_id
having
    max(part.at) > max(part.last_accessed)
    or (max(part.at) is not null and max(part.last_accessed) is null)
