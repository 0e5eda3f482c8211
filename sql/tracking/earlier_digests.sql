-- The digests under which pulses of these ids stand in the ledger.
-- Parameters: learner_id, pulse_ids.
select
    pulse.pulse_id,
    pulse.digest
from unnest(%(pulse_ids)s::uuid[]) as wanted (pulse_id)
inner join tracking_pulse as pulse
    on
        pulse.user_id = %(learner_id)s
        and wanted.pulse_id = pulse.pulse_id
        and pulse.ledger_day = public.tracking_ledger_day(wanted.pulse_id);
