-- grain:   one row for each learner with a session on or after the day named for the learner
-- key:     learner_id
-- sources: tracking_learningsession, analytics_base
-- tier:    base, and what the delta adds to it: chosen_learner stands for every_learner, with every
--          day, and for touched_learner, with the days that may have changed
-- A learner's sessions by the UTC day on which they started and by module, in arrays, the earliest
-- day first. What lies before the 90 days that end with the base's is one element for each module,
-- on day 0001-01-01, and so many earlier_days: a row does not grow with the years.
with dated as not materialized (
    select
        session.user_id,
        session.module_id,
        session.start_time,
        session.last_pulse_at,
        session.focus_duration_seconds,
        (session.start_time at time zone 'UTC')::date as day,
        -- By the day, of which there is no index: the rows are found by their learner.
        (session.start_time at time zone 'UTC')::date
        < (select base.day - 89 from analytics_base as base) as is_earlier
    from chosen_learner as chosen
    inner join tracking_learningsession as session
        on
            chosen.learner_id = session.user_id
            and session.start_time >= chosen.sessions_since::timestamp at time zone 'UTC'
),

placed as (
    select
        user_id as learner_id,
        module_id,
        case when is_earlier then '0001-01-01' else day end as day,
        start_time,
        last_pulse_at,
        focus_duration_seconds
    from dated
),

-- In order, as the arrays take their elements in the order in which the rows come.
element as (
    select
        learner_id,
        day,
        module_id,
        count(*)::integer as session_count,
        sum(focus_duration_seconds)::bigint as focus_seconds,
        min(start_time) as first_session_at,
        max(greatest(start_time, last_pulse_at)) as last_learning_at
    from placed
    group by learner_id, day, module_id
    order by learner_id, day, module_id
),

earlier as (
    select
        user_id as learner_id,
        count(distinct day) as earlier_days
    from dated
    where is_earlier
    group by user_id
),

listed as (
    select
        learner_id,
        array_agg(day) as days,
        array_agg(module_id) as module_ids,
        array_agg(session_count) as session_counts,
        array_agg(focus_seconds) as focus_seconds,
        array_agg(first_session_at) as first_sessions_at,
        array_agg(last_learning_at) as last_learnings_at
    from element
    group by learner_id
)

select
    listed.*,
    coalesce(earlier.earlier_days, 0) as earlier_days
from listed
left join earlier on listed.learner_id = earlier.learner_id
