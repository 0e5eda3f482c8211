-- The digests under which pulses of these ids stand in the ledger.
-- Parameters: learner_id, pulse_ids.
select
    pulse_id,
    digest
from tracking_pulse
where user_id = %(learner_id)s and pulse_id = any(%(pulse_ids)s::uuid[]);
