-- Who sees whom, for both sides: the teams whose learners somebody may see. An admin sees all of
-- them, which is null; a manager those that list them, or else their own; a learner none.
-- In plpgsql, as its plan is then kept for the connection: every request of a manager asks this.
create or replace function public.teams_in_scope(asker bigint)
returns bigint[]
language plpgsql
stable
as $$
declare
    person record;
    managed bigint[];
begin
    select role, team_id into person from public.tracking_user where id = asker;
    if person.role = 'admin' then
        return null;
    end if;
    if person.role is distinct from 'manager' then
        return '{}';
    end if;
    select array_agg(team_id order by team_id) into managed
    from public.tracking_team_managers
    where user_id = asker;
    return coalesce(managed, array[person.team_id]);
end;
$$;
