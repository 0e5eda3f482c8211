-- rule:  Sessions of one learner in one module do not overlap: each is a longest run of pulses.
-- grain: one row for each session that begins before an earlier one has ended.
-- do:    Two sessions share their pulses: join them, with the sum that their pulses have.
-- How long a silence parts two sessions is a setting that may have changed, so it is not looked at.
with session as (
    select
        user_id as learner_id,
        module_id,
        id as session_id,
        start_time,
        max(coalesce(last_pulse_at, start_time)) over (
            partition by user_id, module_id
            order by start_time, id
            rows between unbounded preceding and 1 preceding
        ) as earlier_end
    from tracking_learningsession
)

select
    learner_id,
    module_id,
    session_id,
    earlier_end as expected_after,
    start_time as actual_start
from session
where start_time <= earlier_end
