-- The partition of the ledger that an id belongs to. It follows from the id alone, so that one key
-- guards the id for good: whatever else a retry says, and whenever it comes, it meets the first.
--   version 7      the UTC day of the time inside
--   version 3, 5   0001-01-02: named after something outside, which may be named again at any time
--   others         0001-01-01: random
-- In PL/pgSQL, as the check constraint of the ledger would parse a plain SQL function each time.
create or replace function public.tracking_ledger_day(pulse_id uuid)
returns date
language plpgsql
immutable
strict
parallel safe
as $$
begin
    return case substr(pulse_id::text, 15, 1)
        when '7' then
            least(
                date '1970-01-01' + (
                    ('x' || translate(left(pulse_id::text, 13), '-', ''))::bit(48)::bigint
                    / 86400000
                )::integer,
                date '9999-12-30'
            )
        when '3' then date '0001-01-02'
        when '5' then date '0001-01-02'
        else date '0001-01-01'
    end;
end;
$$;
