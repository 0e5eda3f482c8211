-- Total length of a set of intervals, in the unit of the intervals. Needs PostgreSQL 14.
create or replace function public.tracking_covered_ms(watched int4multirange)
returns integer
language sql
immutable
strict
parallel safe
return (
    select coalesce(sum(upper(seen) - lower(seen)), 0)::integer
    from unnest(watched) as seen
);
