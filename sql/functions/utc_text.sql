-- A moment the way the API prints it: UTC, to the microsecond.
create or replace function public.utc_text(moment timestamptz)
returns text
language sql
stable
parallel safe
return to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
