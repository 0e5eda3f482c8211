-- Notes learners in the ledger of touched learners, of whose sessions none was written, but perhaps
-- what is shown of their attempts and assignments; in an order that keeps two writers of many
-- learners from a deadlock.
create or replace function public.analytics_touch_all(learners bigint[])
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
insert into public.analytics_touched as touched (
    learner_id, touched_xid, sessions_since, is_work_touched
)
select distinct
    learner.id,
    pg_current_xact_id(),
    date '9999-12-31',
    true
from unnest(learners) as learner (id)
order by learner.id
on conflict (learner_id) do update
    set
        touched_xid = excluded.touched_xid,
        is_work_touched = true
    where touched.touched_xid <> excluded.touched_xid or not touched.is_work_touched
$$;
