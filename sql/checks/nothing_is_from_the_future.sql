-- rule:  Nothing has happened later than now.
-- grain: one row for each time that lies ahead; `row_id` is the key of its row in `source`.
-- do:    Set the clock of the machine that wrote it right; what is on record becomes true when its
--        time has come.
-- Two minutes are let pass: the times are those of the machines that run web, and their clocks and
-- the database's are never quite the same.
select
    moment.learner_id,
    moment.source,
    moment.row_id,
    moment.at as actual_at
from (
    select
        user_id as learner_id,
        'tracking_pulse' as source,
        pulse_id::text as row_id,
        greatest(received_at, occurred_at) as at
    from tracking_pulse
    union all
    select
        user_id,
        'tracking_sealedpulses',
        id::text,
        greatest(sealed_at, last_at)
    from tracking_sealedpulses
    union all
    select
        user_id,
        'tracking_learningsession',
        id::text,
        greatest(start_time, last_pulse_at)
    from tracking_learningsession
    union all
    select
        user_id,
        'tracking_resourceprogress',
        id::text,
        completed_at
    from tracking_resourceprogress
    union all
    select
        user_id,
        'tracking_moduleprogress',
        id::text,
        greatest(last_accessed, completed_at)
    from tracking_moduleprogress
    union all
    select
        user_id,
        'tracking_quizattempt',
        id::text,
        timestamp
    from tracking_quizattempt
    union all
    select
        assignment.user_id,
        'tracking_submission',
        submission.id::text,
        submission.submitted_at
    from tracking_submission as submission
    inner join tracking_assignment as assignment on submission.assignment_id = assignment.id
) as moment
where moment.at > now() + interval '2 minutes'
