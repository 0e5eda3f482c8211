-- All evidence of learning, in the one place where the ledger and its subtotals meet: a row for
-- each pulse, and one for each subtotal of pulses that are past their retention, without pulse_id.
-- Resources and modules may have been deleted since. Expanded in place by the planner: whoever asks
-- for one learner reads the rows of one learner.
create or replace function public.tracking_evidence_of_learning()
returns table (
    learner_id bigint,
    module_id bigint,
    resource_id bigint,
    pulse_id uuid,
    pulses bigint,
    seconds bigint,
    played int4multirange,
    first_at timestamptz,
    last_at timestamptz,
    claimed_at timestamptz
)
language sql
stable
as $$
select
    user_id,
    module_id,
    resource_id,
    pulse_id,
    1::bigint,
    duration_delta::bigint,
    played,
    occurred_at,
    occurred_at,
    case when completed then occurred_at end
from public.tracking_pulse
union all
select
    user_id,
    module_id,
    resource_id,
    null::uuid,
    pulses,
    duration_seconds,
    played,
    first_at,
    last_at,
    claimed_at
from public.tracking_sealedpulses
$$;
