-- Rule 2 of docs/TRACKING_CONTRACT.md: completed resources in percent of all, 0 when there are
-- none, and at most 95 while a required quiz or a required assignment is missing.
create or replace function public.tracking_progress_percent(
    resources_completed bigint,
    resources_total bigint,
    is_evidence_missing boolean
)
returns numeric
language sql
immutable
strict
parallel safe
return round(
    least(
        case when resources_total = 0 then 0 else resources_completed * 100.0 / resources_total end,
        case when is_evidence_missing then 95 else 100 end
    ),
    1
);
