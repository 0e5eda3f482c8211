-- rule:  A pulse is in the partition that its id belongs to, where a retry meets it. A constraint
--        of the ledger sees to that; this check sees to the constraint.
-- grain: one row for each pulse that is elsewhere.
-- do:    Put the constraint pulse_in_its_day back, and find out what took it away. Two rows of one
--        learner and id are one pulse that was counted twice.
select
    user_id as learner_id,
    pulse_id,
    public.tracking_ledger_day(pulse_id) as expected_day,
    ledger_day as actual_day
from tracking_pulse
where ledger_day is distinct from public.tracking_ledger_day(pulse_id)
