-- Trigger of tracking_module, tracking_resource and tracking_quiz: a change of what the views show
-- of the catalogue touches the learners of the modules that it concerns. The rows of learners that
-- go with deleted content touch their learners themselves.
create or replace function public.analytics_touch_catalogue()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    modules bigint [];
begin
    if tg_table_name = 'tracking_module' then
        -- A new module has no learners; one that is deleted has none left.
        modules := array(
            select new_rows.id
            from new_rows
            inner join old_rows on new_rows.id = old_rows.id
            where
                (new_rows.title, new_rows.has_quiz, new_rows.has_assignment)
                is distinct from (old_rows.title, old_rows.has_quiz, old_rows.has_assignment)
        );
    elsif tg_table_name = 'tracking_quiz' then
        modules := array(
            select unnest(array[new_rows.module_id, old_rows.module_id])
            from new_rows
            inner join old_rows on new_rows.id = old_rows.id
            where new_rows.module_id <> old_rows.module_id
        );
    elsif tg_op = 'INSERT' then
        modules := array(select distinct module_id from new_rows);
    elsif tg_op = 'DELETE' then
        modules := array(select distinct module_id from old_rows);
    else
        modules := array(
            select distinct unnest(array[new_rows.module_id, old_rows.module_id])
            from new_rows
            inner join old_rows on new_rows.id = old_rows.id
            where
                (new_rows.module_id, new_rows.title, new_rows.duration_seconds)
                is distinct from (old_rows.module_id, old_rows.title, old_rows.duration_seconds)
        );
    end if;
    perform public.analytics_touch_learners_of_modules(modules);
    return null;
end;
$$;
