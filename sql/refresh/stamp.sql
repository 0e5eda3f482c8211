-- Stamps the views with the run that is computing them: the first statement of the run that takes a
-- snapshot, so that its own start is never later than what the views see. One row: what the stamp
-- before this one saw, null without one. Parameter: refresh_id.
with earlier as (
    select snapshot from analytics_stamp
)

insert into analytics_stamp (id, refresh_id, computed_at, snapshot)
values (1, %(refresh_id)s, statement_timestamp(), pg_current_snapshot())
on conflict (id) do update
    set
        refresh_id = excluded.refresh_id,
        computed_at = excluded.computed_at,
        snapshot = excluded.snapshot
returning (select earlier.snapshot::text from earlier) as earlier_snapshot;
