-- rule:  Every pulse lies in a session of its learner and module, and so do the first and the last
--        pulse of every subtotal.
-- grain: one row for each pulse, or end of a subtotal (without pulse_id), that lies in none;
--        the session is the one that began last before it, if any.
-- do:    A session was shortened, moved or deleted, or a pulse was: find what wrote them besides
--        sql/functions/record_pulses.sql.
with moment as (
    select
        user_id as learner_id,
        module_id,
        start_time as at,
        0 as place,
        id as session_id,
        coalesce(last_pulse_at, start_time) as end_time,
        null::uuid as pulse_id
    from tracking_learningsession
    union all
    select
        evidence.learner_id,
        evidence.module_id,
        bound.at,
        1,
        null,
        null,
        evidence.pulse_id
    from public.tracking_evidence_of_learning() as evidence
    inner join tracking_user as learner on evidence.learner_id = learner.id
    inner join tracking_module as module on evidence.module_id = module.id
    cross join
        lateral (
            select evidence.first_at as at
            union
            select evidence.last_at
        ) as bound
),

moment_in_session as (
    select
        *,
        max(end_time) over (
            partition by learner_id, module_id
            order by at, place
            rows unbounded preceding
        ) as session_end
    from moment
)

select
    learner_id,
    module_id,
    pulse_id,
    at as occurred_at,
    session_end
from moment_in_session
where session_id is null and (session_end is null or at > session_end)
