-- Gives learners a module as their task, with a due date or none: one row for each learner, in the
-- order given, and what was done: `created`; `updated`, it had another due date; `unchanged`. Who
-- was given it before stays who was given it then. One call is one round trip.
create or replace function public.tracking_assign(
    module bigint,
    learners bigint[],
    due timestamptz,
    assigner bigint,
    given timestamptz
)
returns table (learner_id bigint, assignment_id bigint, outcome text)
language plpgsql
as $$
#variable_conflict use_column
declare
    opened_learners bigint[];
begin
    -- The lock of each learner and module, as whoever writes evidence takes it: first the progress
    -- rows that are missing are made, then all are locked. Each time in the order of the learners
    -- inside the module, and everybody else in the order of the modules: so nobody ever waits for
    -- somebody who waits for them.
    with opened as (
        insert into public.tracking_moduleprogress (user_id, module_id, status)
        select
            wanted.learner_id,
            module,
            'not_started'
        from unnest(learners) as wanted (learner_id)
        where
            not exists (
                select from public.tracking_moduleprogress as progress
                where progress.user_id = wanted.learner_id and progress.module_id = module
            )
        order by wanted.learner_id
        on conflict (user_id, module_id) do nothing
        returning user_id
    )

    select array_agg(user_id) into opened_learners from opened;

    perform from public.tracking_moduleprogress
    where module_id = module and user_id = any(learners)
    order by user_id
    for update;

    return query
    with wanted as (
        select
            learner_id,
            position
        from unnest(learners) with ordinality as given_to (learner_id, position)
    ),

    earlier as (
        select
            id,
            user_id,
            due_at
        from public.tracking_assignment
        where module_id = module and user_id = any(learners)
    ),

    written as (
        insert into public.tracking_assignment as assignment (
            user_id, module_id, status, due_at, assigned_at, assigned_by_id
        )
        select
            wanted.learner_id,
            module,
            'assigned',
            due,
            given,
            assigner
        from wanted
        left join earlier on wanted.learner_id = earlier.user_id
        where earlier.id is null or earlier.due_at is distinct from due
        order by wanted.learner_id
        on conflict (user_id, module_id) do update
            set due_at = excluded.due_at
        returning assignment.id, assignment.user_id
    )

    select
        wanted.learner_id,
        coalesce(written.id, earlier.id),
        case
            when written.id is null then 'unchanged'
            when earlier.id is null then 'created'
            else 'updated'
        end
    from wanted
    left join earlier on wanted.learner_id = earlier.user_id
    left join written on wanted.learner_id = written.user_id
    order by wanted.position;

    -- What is given to somebody who has completed the module is completed.
    perform public.tracking_check_completion(user_id, array[module])
    from public.tracking_moduleprogress
    where module_id = module and user_id = any(learners) and status = 'completed';

    -- To be given a module is no activity: it leaves no progress where there was none.
    delete from public.tracking_moduleprogress
    where module_id = module and user_id = any(opened_learners) and status = 'not_started';
end;
$$;
