-- rule:  A session begins with its first pulse, ends with its last one, and has the sum of their
--        seconds.
-- grain: one row for each session that differs; expected is null without evidence.
-- do:    The evidence stands and the session is wrong: find what wrote it besides
--        sql/functions/record_pulses.sql.
-- A subtotal that reaches over the bounds of a session belongs to several: the sessions it touches
-- cannot be proved one by one, only together, by session_focus_is_the_sum_of_pulses. Evidence falls
-- to the session that began last before it; sessions that overlap are found by another check.
with moment as (
    select
        user_id as learner_id,
        module_id,
        start_time as at,
        0 as place,
        id as session_id,
        start_time,
        coalesce(last_pulse_at, start_time) as end_time,
        focus_duration_seconds as focus_seconds,
        null::bigint as seconds,
        null::timestamptz as until
    from tracking_learningsession
    union all
    select
        learner_id,
        module_id,
        first_at,
        1,
        null,
        null,
        null,
        null,
        seconds,
        last_at
    from public.tracking_evidence_of_learning()
),

moment_in_session as (
    select
        *,
        count(session_id) over (
            partition by learner_id, module_id
            order by at, place, session_id
            rows unbounded preceding
        ) as session_number,
        max(end_time) over (
            partition by learner_id, module_id
            order by at, place, session_id
            rows unbounded preceding
        ) as session_end
    from moment
),

session as (
    select
        learner_id,
        module_id,
        max(session_id) as session_id,
        coalesce(sum(seconds) filter (where until <= session_end), 0)::bigint as expected_seconds,
        max(focus_seconds) as actual_seconds,
        min(at) filter (where until <= session_end) as expected_start,
        max(start_time) as actual_start,
        max(until) filter (where until <= session_end) as expected_end,
        max(end_time) as actual_end
    from moment_in_session
    where session_number > 0
    group by learner_id, module_id, session_number
)

select
    session.learner_id,
    session.module_id,
    session.session_id,
    session.expected_seconds,
    session.actual_seconds,
    session.expected_start,
    session.actual_start,
    session.expected_end,
    session.actual_end
from session
where
    (session.expected_seconds, session.expected_start, session.expected_end)
    is distinct from (session.actual_seconds, session.actual_start, session.actual_end)
    and not exists (
        select from tracking_sealedpulses as sealed
        where
            session.learner_id = sealed.user_id
            and session.module_id = sealed.module_id
            and session.actual_end >= sealed.first_at
            and session.actual_start <= sealed.last_at
            and not (
                session.actual_start <= sealed.first_at and session.actual_end >= sealed.last_at
            )
    )
