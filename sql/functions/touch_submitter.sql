-- Trigger of tracking_submission, whose rows belong to a learner by way of the assignment. An
-- assignment that was deleted along has touched its learner itself.
create or replace function public.analytics_touch_submitter()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op in ('INSERT', 'UPDATE') then
        perform public.analytics_touch_all(
            array(
                select assignment.user_id
                from new_rows
                inner join public.tracking_assignment as assignment
                    on new_rows.assignment_id = assignment.id
            )
        );
    end if;
    if tg_op in ('UPDATE', 'DELETE') then
        perform public.analytics_touch_all(
            array(
                select assignment.user_id
                from old_rows
                inner join public.tracking_assignment as assignment
                    on old_rows.assignment_id = assignment.id
            )
        );
    end if;
    return null;
end;
$$;
