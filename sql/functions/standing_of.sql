-- All that has to be known before any figure is read: which refresh the figures are of, whose
-- figures somebody may see (see teams_in_scope), and whether there is the team that is asked about.
-- In plpgsql, as its plans are then kept for the connection: every request of a manager asks this,
-- and planning would take longer than all the rest.
create or replace function public.standing_of(
    asker bigint,
    asked_team bigint,
    out refresh_id bigint,
    out computed_at timestamptz,
    out team_ids bigint[],
    out is_team_there boolean
)
language plpgsql
stable
-- A deploy that rebuilds locks readers out; better told to come back than kept waiting.
set lock_timeout = '2s'
as $$
begin
    select stamp.refresh_id, stamp.computed_at into refresh_id, computed_at
    from public.analytics_stamp as stamp;
    team_ids := public.teams_in_scope(asker);
    is_team_there := asked_team is not null
        and exists (select from public.tracking_team as team where team.id = asked_team);
end;
$$;
