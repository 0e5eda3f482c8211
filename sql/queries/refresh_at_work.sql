-- Which refresh the figures are of, whether one is at work, and what time it is for the database.
-- A refresh is at work while it holds its lock, whatever its row in the history says. One row.
select
    stamp.refresh_id,
    stamp.computed_at,
    at_work.is_at_work,
    clock_timestamp() as asked_at
from (
    select count(*) > 0 as is_at_work
    from pg_locks as held
    inner join pg_database as own on held.database = own.oid
    where
        own.datname = current_database()
        and held.relation = 'public.analytics_stamp'::regclass
        and held.mode = 'ExclusiveLock'
        and held.granted
) as at_work
left join analytics_stamp as stamp on true;
