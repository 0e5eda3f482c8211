-- Adds the pulses of one ledger day that were received before the horizon to their subtotals. The
-- caller drops them in the same transaction. Returns how many there were.
-- Parameters: day, horizon, sealed_at.
with expired as (
    select
        user_id,
        module_id,
        resource_id,
        (occurred_at at time zone 'UTC')::date as day,
        count(*) as pulses,
        sum(duration_delta) as duration_seconds,
        range_agg(played) as played,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at,
        min(occurred_at) filter (where completed) as claimed_at
    from tracking_pulse
    where ledger_day = %(day)s::date and received_at < %(horizon)s::timestamptz
    group by user_id, module_id, resource_id, (occurred_at at time zone 'UTC')::date
),

sealed as (
    insert into tracking_sealedpulses as sealed (
        user_id, module_id, resource_id, day, pulses, duration_seconds, played, first_at, last_at,
        claimed_at, sealed_at
    )
    select
        user_id,
        module_id,
        resource_id,
        day,
        pulses,
        duration_seconds,
        played,
        first_at,
        last_at,
        claimed_at,
        %(sealed_at)s::timestamptz
    from expired
    on conflict (user_id, module_id, resource_id, day) do update
        set
            pulses = sealed.pulses + excluded.pulses,
            duration_seconds = sealed.duration_seconds + excluded.duration_seconds,
            played = sealed.played + excluded.played,
            first_at = least(sealed.first_at, excluded.first_at),
            last_at = greatest(sealed.last_at, excluded.last_at),
            claimed_at = least(sealed.claimed_at, excluded.claimed_at),
            sealed_at = excluded.sealed_at
)

select coalesce(sum(pulses), 0) as pulses from expired;
