-- Gives learners a module as their task, with a due date or none: one row for each learner, and
-- what was done: `created`; `updated`, it had another due date; `unchanged`. Who was given it
-- before stays who was given it then. One call is one round trip.
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
    earlier public.tracking_assignment;
    is_opened boolean;
begin
    -- One learner after the other, in the order of their ids, and each one wholly: whatever a write
    -- locks besides its row is of its learner. So nobody ever waits for somebody who waits for
    -- them, neither another who assigns nor a learner who is about to write.
    for learner_id in
        select distinct wanted.id from unnest(learners) as wanted (id)
        order by wanted.id
    loop
        -- The lock that whoever writes evidence takes, on a progress row that is made when there
        -- is none; on one that is there, this changes nothing.
        insert into public.tracking_moduleprogress as progress (user_id, module_id, status)
        values (learner_id, module, 'not_started')
        on conflict (user_id, module_id) do update set status = progress.status
            where false;
        is_opened := found;

        select * into earlier from public.tracking_assignment as assignment
        where assignment.user_id = learner_id and assignment.module_id = module;
        assignment_id := earlier.id;
        if earlier.id is null then
            insert into public.tracking_assignment as assignment (
                user_id, module_id, status, due_at, assigned_at, assigned_by_id
            )
            values (learner_id, module, 'assigned', due, given, assigner)
            returning assignment.id into assignment_id;
            outcome := 'created';
        elsif earlier.due_at is distinct from due then
            update public.tracking_assignment as assignment
            set due_at = due
            where assignment.id = earlier.id;
            outcome := 'updated';
        else
            outcome := 'unchanged';
        end if;

        if is_opened then
            -- To be given a module is no activity: it leaves no progress where there was none.
            delete from public.tracking_moduleprogress as progress
            where progress.user_id = learner_id and progress.module_id = module;
        else
            -- What is given to somebody who has completed the module is completed.
            perform public.tracking_check_completion(progress.user_id, array[module])
            from public.tracking_moduleprogress as progress
            where
                progress.user_id = learner_id
                and progress.module_id = module
                and progress.status = 'completed';
        end if;
        return next;
    end loop;
end;
$$;
