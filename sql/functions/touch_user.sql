-- Trigger of tracking_user: touches whoever was made, deleted, or changed in what the views show.
-- A sign-in changes nothing of that.
create or replace function public.analytics_touch_user()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        perform public.analytics_touch_all(array(select id from new_rows));
    elsif tg_op = 'UPDATE' then
        perform public.analytics_touch_all(
            array(
                select changed.id
                from (
                    (
                        select id, team_id, username, first_name, last_name, role, is_active
                        from new_rows
                        except
                        select id, team_id, username, first_name, last_name, role, is_active
                        from old_rows
                    )
                    union
                    (
                        select id, team_id, username, first_name, last_name, role, is_active
                        from old_rows
                        except
                        select id, team_id, username, first_name, last_name, role, is_active
                        from new_rows
                    )
                ) as changed
            )
        );
    else
        perform public.analytics_touch_all(array(select id from old_rows));
    end if;
    return null;
end;
$$;
