-- Trigger of tracking_learningsession: notes whose sessions a statement wrote, as touch_owner does,
-- and the earliest UTC day on which one of them started, or did before it was changed. A refresh
-- reads a learner's sessions from that day on.
create or replace function public.analytics_touch_session()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        insert into public.analytics_touched as touched (
            learner_id, touched_xid, sessions_since, is_work_touched
        )
        select
            user_id,
            pg_current_xact_id(),
            (min(start_time) at time zone 'UTC')::date,
            false
        from new_rows
        group by user_id
        order by user_id
        on conflict (learner_id) do update
            set
                touched_xid = excluded.touched_xid,
                sessions_since = least(touched.sessions_since, excluded.sessions_since)
            where
                touched.touched_xid <> excluded.touched_xid
                or touched.sessions_since > excluded.sessions_since;
    elsif tg_op = 'UPDATE' then
        insert into public.analytics_touched as touched (
            learner_id, touched_xid, sessions_since, is_work_touched
        )
        select
            user_id,
            pg_current_xact_id(),
            (min(start_time) at time zone 'UTC')::date,
            false
        from (
            select
                user_id,
                start_time
            from new_rows
            union all
            select
                user_id,
                start_time
            from old_rows
        ) as written
        group by user_id
        order by user_id
        on conflict (learner_id) do update
            set
                touched_xid = excluded.touched_xid,
                sessions_since = least(touched.sessions_since, excluded.sessions_since)
            where
                touched.touched_xid <> excluded.touched_xid
                or touched.sessions_since > excluded.sessions_since;
    else
        insert into public.analytics_touched as touched (
            learner_id, touched_xid, sessions_since, is_work_touched
        )
        select
            user_id,
            pg_current_xact_id(),
            (min(start_time) at time zone 'UTC')::date,
            false
        from old_rows
        group by user_id
        order by user_id
        on conflict (learner_id) do update
            set
                touched_xid = excluded.touched_xid,
                sessions_since = least(touched.sessions_since, excluded.sessions_since)
            where
                touched.touched_xid <> excluded.touched_xid
                or touched.sessions_since > excluded.sessions_since;
    end if;
    return null;
end;
$$;
