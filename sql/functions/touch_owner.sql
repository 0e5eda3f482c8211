-- Trigger of the tables whose rows belong to a learner by user_id: notes in the ledger of touched
-- learners whose rows a statement wrote. The row of the ledger stays locked until the writer has
-- committed: so its number is always that of the last one to commit, and a snapshot that sees that
-- one sees all before it. The order keeps two writers of many learners from a deadlock. It runs
-- with the rights of its owner, so that whoever may write there is noted.
create or replace function public.analytics_touch_owner()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    no_session constant date := '9999-12-31';
    -- A pulse writes neither attempts nor assignments, nor what is shown with them.
    is_work constant boolean := tg_table_name not in (
        'tracking_moduleprogress', 'tracking_resourceprogress'
    );
begin
    if tg_op = 'INSERT' then
        insert into public.analytics_touched as touched (
            learner_id, touched_xid, sessions_since, is_work_touched
        )
        select distinct
            user_id,
            pg_current_xact_id(),
            no_session,
            is_work
        from new_rows
        order by user_id
        on conflict (learner_id) do update
            set
                touched_xid = excluded.touched_xid,
                is_work_touched = touched.is_work_touched or excluded.is_work_touched
            where
                touched.touched_xid <> excluded.touched_xid
                or touched.is_work_touched < excluded.is_work_touched;
    elsif tg_op = 'UPDATE' then
        insert into public.analytics_touched as touched (
            learner_id, touched_xid, sessions_since, is_work_touched
        )
        select
            written.user_id,
            pg_current_xact_id(),
            no_session,
            is_work
        from (
            select user_id from new_rows
            union
            select user_id from old_rows
        ) as written
        order by written.user_id
        on conflict (learner_id) do update
            set
                touched_xid = excluded.touched_xid,
                is_work_touched = touched.is_work_touched or excluded.is_work_touched
            where
                touched.touched_xid <> excluded.touched_xid
                or touched.is_work_touched < excluded.is_work_touched;
    else
        insert into public.analytics_touched as touched (
            learner_id, touched_xid, sessions_since, is_work_touched
        )
        select distinct
            user_id,
            pg_current_xact_id(),
            no_session,
            is_work
        from old_rows
        order by user_id
        on conflict (learner_id) do update
            set
                touched_xid = excluded.touched_xid,
                is_work_touched = touched.is_work_touched or excluded.is_work_touched
            where
                touched.touched_xid <> excluded.touched_xid
                or touched.is_work_touched < excluded.is_work_touched;
    end if;
    return null;
end;
$$;
