-- The completion authority: the only writer of a module's `completed`, of its time and of its
-- evidence, and of the assignment that is completed with it, or that is given or handed in when the
-- module is completed already. Idempotent and monotone. Returns where the learner stands in each
-- module afterwards.
create or replace function public.tracking_check_completion(learner bigint, modules bigint[])
returns table (module_id bigint, status text, progress_percent numeric)
language plpgsql
as $$
#variable_conflict use_column
declare
    found_modules bigint[];
    found_statuses text[];
    found_percents numeric[];
    satisfied_modules bigint[];
    satisfied_times timestamptz[];
    satisfied_evidence jsonb[];
    completed_modules bigint[];
begin
    -- Always in the order of the ids, so that callers at once take turns and never deadlock. The
    -- statement that follows takes its snapshot after the lock, and the only one: content is not
    -- locked, and what a module is completed by must be what it was found to be complete by.
    perform from public.tracking_moduleprogress
    where user_id = learner and module_id = any(modules)
    order by module_id
    for update;

    select
        array_agg(module_id),
        array_agg(case when is_satisfied then 'completed' else status end),
        array_agg(progress_percent),
        array_agg(module_id) filter (where is_satisfied and status <> 'completed'),
        array_agg(satisfied_at) filter (where is_satisfied and status <> 'completed'),
        array_agg(public.tracking_completion_evidence(learner, module_id))
            filter (where is_satisfied and status <> 'completed'),
        array_agg(module_id) filter (where is_satisfied or status = 'completed')
    into
        found_modules, found_statuses, found_percents,
        satisfied_modules, satisfied_times, satisfied_evidence,
        completed_modules
    from public.tracking_module_evidence(learner, modules);

    if satisfied_modules is not null then
        update public.tracking_moduleprogress as progress
        set
            status = 'completed',
            completed_at = satisfied.satisfied_at,
            evidence = satisfied.evidence
        from
            unnest(satisfied_modules, satisfied_times, satisfied_evidence)
                as satisfied (module_id, satisfied_at, evidence)
        where progress.user_id = learner and progress.module_id = satisfied.module_id;
    end if;

    if completed_modules is not null then
        update public.tracking_assignment
        set status = 'completed'
        where
            user_id = learner
            and module_id = any(completed_modules)
            and status in ('assigned', 'submitted');
    end if;

    return query
    select * from unnest(found_modules, found_statuses, found_percents);
end;
$$;
