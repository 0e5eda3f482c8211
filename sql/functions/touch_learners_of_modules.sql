-- Touches everybody whose rows in the views hold anything of these modules: whoever has begun one,
-- was given its assignment, or tried its quiz. If they are very many, they are not noted one by
-- one, which would keep all their pulses waiting for this transaction, but as everybody: number 0.
--
-- Whoever begins a module while its editor's transaction is open is not seen here. So the modules
-- are noted as well, each as its number with a minus: sql/views/touched_learner.sql finds who else
-- there is. First, as that waits for another editor, after whom all can be seen.
create or replace function public.analytics_touch_learners_of_modules(modules bigint[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    most constant integer := 10000;
    learners bigint [];
begin
    if coalesce(cardinality(modules), 0) = 0 then
        return;
    end if;
    perform public.analytics_touch_all(array(select -module.id from unnest(modules) as module (id)));
    learners := array(
        select progress.user_id
        from public.tracking_moduleprogress as progress
        where progress.module_id = any(modules)
        union
        select assignment.user_id
        from public.tracking_assignment as assignment
        where assignment.module_id = any(modules)
        union
        select attempt.user_id
        from public.tracking_quizattempt as attempt
        inner join public.tracking_quiz as quiz on attempt.quiz_id = quiz.id
        where quiz.module_id = any(modules)
        union
        select progress.user_id
        from public.tracking_resourceprogress as progress
        inner join public.tracking_resource as resource on progress.resource_id = resource.id
        where resource.module_id = any(modules)
        limit most + 1
    );
    if cardinality(learners) > most then
        learners := array[0];
    end if;
    perform public.analytics_touch_all(learners);
end;
$$;
