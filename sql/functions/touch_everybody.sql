-- Trigger for truncate, of which no row tells whose it was: notes everybody, as number 0.
create or replace function public.analytics_touch_everybody()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform public.analytics_touch_all(array[0]);
    return null;
end;
$$;
