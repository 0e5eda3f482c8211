-- The completion authority: the only writer of a module's `completed`, of its time and of its
-- evidence, and of the assignment that is completed with it. Idempotent and monotone. Returns where
-- the learner stands in each module afterwards.
create or replace function public.tracking_check_completion(learner bigint, modules bigint[])
returns table (module_id bigint, status text, progress_percent numeric)
language plpgsql
as $$
#variable_conflict use_column
declare
    found_modules bigint[];
    found_statuses text[];
    found_percents numeric[];
    newly_satisfied bigint[];
begin
    -- Always in the order of the ids, so that callers at once take turns and never deadlock. The
    -- statement that follows takes its snapshot after the lock.
    perform from public.tracking_moduleprogress
    where user_id = learner and module_id = any(modules)
    order by module_id
    for update;

    select
        array_agg(module_id),
        array_agg(case when is_satisfied then 'completed' else status end),
        array_agg(progress_percent),
        array_agg(module_id) filter (where is_satisfied and status <> 'completed')
    into found_modules, found_statuses, found_percents, newly_satisfied
    from public.tracking_module_evidence(learner, modules);

    if newly_satisfied is not null then
        update public.tracking_moduleprogress as progress
        set
            status = 'completed',
            completed_at = evidence.satisfied_at,
            evidence = public.tracking_completion_evidence(learner, progress.module_id)
        from public.tracking_module_evidence(learner, newly_satisfied) as evidence
        where progress.user_id = learner and progress.module_id = evidence.module_id;

        update public.tracking_assignment
        set status = 'completed'
        where
            user_id = learner
            and module_id = any(newly_satisfied)
            and status in ('assigned', 'submitted');
    end if;

    return query
    select * from unnest(found_modules, found_statuses, found_percents);
end;
$$;
