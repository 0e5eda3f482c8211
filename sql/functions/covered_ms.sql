-- Total length of a set of intervals, in the unit of the intervals. Needs PostgreSQL 14.
-- In PL/pgSQL, as the generated column would parse a plain SQL function at each pulse.
create or replace function public.tracking_covered_ms(watched int4multirange)
returns integer
language plpgsql
immutable
strict
parallel safe
as $$
begin
    return coalesce(sum(upper(seen) - lower(seen)), 0) from unnest(watched) as seen;
end;
$$;
