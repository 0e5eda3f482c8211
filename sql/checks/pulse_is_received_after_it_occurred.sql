-- rule:  A pulse is received when it has occurred, not before. A constraint of the ledger sees to
--        that; this check sees to the constraint.
-- grain: one row for each pulse that was received first.
-- do:    Put the constraint pulse_is_not_from_the_future back, and find out what took it away.
select
    user_id as learner_id,
    pulse_id,
    occurred_at as expected_at_least,
    received_at as actual_at
from tracking_pulse
where received_at < occurred_at
