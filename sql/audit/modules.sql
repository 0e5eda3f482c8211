-- Every module with anything of one learner, in order, and what pulses and sessions come to there,
-- in seconds. A module that was deleted has no title, and no sessions any more.
-- Parameters: learner_id, since (a time: what was received later is told apart; or null).
with evidence as (
    select
        module_id,
        coalesce(sum(seconds) filter (where pulse_id is not null), 0)::bigint as ledger_seconds,
        coalesce(sum(seconds) filter (where pulse_id is null), 0)::bigint as sealed_seconds
    from public.tracking_evidence_of_learning()
    where learner_id = %(learner_id)s
    group by module_id
),

received as (
    select
        module_id,
        sum(duration_delta)::bigint as seconds
    from tracking_pulse
    where user_id = %(learner_id)s and received_at > %(since)s::timestamptz
    group by module_id
),

session as (
    select
        module_id,
        sum(focus_duration_seconds)::bigint as seconds
    from tracking_learningsession
    where user_id = %(learner_id)s
    group by module_id
),

attempt as (
    select
        quiz.module_id,
        max(attempt.timestamp) as at
    from tracking_quizattempt as attempt
    inner join tracking_quiz as quiz on attempt.quiz_id = quiz.id
    where attempt.user_id = %(learner_id)s
    group by quiz.module_id
),

submission as (
    select
        assignment.module_id,
        max(submission.submitted_at) as at
    from tracking_submission as submission
    inner join tracking_assignment as assignment on submission.assignment_id = assignment.id
    where assignment.user_id = %(learner_id)s
    group by assignment.module_id
),

touched as (
    select module_id from evidence
    union
    select module_id from session
    union
    select module_id from attempt
    union
    select module_id from submission
    union
    select module_id from tracking_moduleprogress
    where user_id = %(learner_id)s
)

select
    touched.module_id,
    module.title,
    coalesce(progress.status, 'not_started') as status,
    progress.last_accessed,
    progress.completed_at,
    progress.evidence,
    coalesce(evidence.ledger_seconds, 0) as ledger_seconds,
    coalesce(evidence.sealed_seconds, 0) as sealed_seconds,
    coalesce(session.seconds, 0) as session_seconds,
    coalesce(received.seconds, 0) as received_since_seconds,
    received.module_id is not null
    or coalesce(attempt.at > %(since)s::timestamptz, false)
    or coalesce(submission.at > %(since)s::timestamptz, false) as has_news
from touched
left join tracking_module as module on touched.module_id = module.id
left join tracking_moduleprogress as progress
    on touched.module_id = progress.module_id and progress.user_id = %(learner_id)s
left join evidence on touched.module_id = evidence.module_id
left join received on touched.module_id = received.module_id
left join session on touched.module_id = session.module_id
left join attempt on touched.module_id = attempt.module_id
left join submission on touched.module_id = submission.module_id
order by touched.module_id;
