-- The completion authority: the only writer of a module's `completed`, of its time and of its
-- evidence, and of the assignment that is completed with it. Idempotent and monotone. Returns where
-- the learner stands in each module afterwards.
create or replace function public.tracking_check_completion(learner bigint, modules bigint[])
returns table (module_id bigint, status text, progress_percent numeric)
language plpgsql
as $$
#variable_conflict use_column
begin
    -- Always in the order of the ids, so that callers at once take turns and never deadlock. The
    -- statement that follows takes its snapshot after the lock.
    perform from public.tracking_moduleprogress
    where user_id = learner and module_id = any(modules)
    order by module_id
    for update;

    return query
    with evidence as materialized (
        select * from public.tracking_module_evidence(learner, modules)
    ),

    completed as (
        update public.tracking_moduleprogress as progress
        set
            status = 'completed',
            completed_at = evidence.satisfied_at,
            evidence = public.tracking_completion_evidence(learner, progress.module_id)
        from evidence
        where
            progress.user_id = learner
            and progress.module_id = evidence.module_id
            and evidence.is_satisfied
            and evidence.status <> 'completed'
        returning progress.module_id
    ),

    assignment_completed as (
        update public.tracking_assignment as assignment
        set status = 'completed'
        from completed
        where
            assignment.user_id = learner
            and assignment.module_id = completed.module_id
            and assignment.status in ('assigned', 'submitted')
    )

    select
        evidence.module_id,
        case when completed.module_id is null then evidence.status else 'completed' end,
        evidence.progress_percent
    from evidence
    left join completed on evidence.module_id = completed.module_id
    order by evidence.module_id;
end;
$$;
