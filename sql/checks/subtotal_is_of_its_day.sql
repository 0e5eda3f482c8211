-- rule:  A subtotal is of at least one pulse, and all its times lie in its UTC day, in order.
-- grain: one row for each subtotal that differs.
-- do:    What it was made of is gone: take the subtotal from a backup, and find out what wrote it
--        besides sql/tracking/seal_pulses.sql.
select
    user_id as learner_id,
    module_id,
    resource_id,
    day as expected_day,
    pulses as actual_pulses,
    first_at as actual_first_at,
    last_at as actual_last_at,
    claimed_at as actual_claimed_at
from tracking_sealedpulses
where
    pulses < 1
    or (first_at at time zone 'UTC')::date <> day
    or (last_at at time zone 'UTC')::date <> day
    or first_at > last_at
    or claimed_at < first_at
    or claimed_at > last_at
