-- Share of a video that was seen at least once, in percent; null where its length is not known.
create or replace function public.tracking_covered_percent(
    covered_ms integer,
    duration_seconds integer
)
returns numeric
language sql
immutable
strict
parallel safe
return round(least(covered_ms / (duration_seconds * 10.0), 100), 1);
