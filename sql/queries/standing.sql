-- Which refresh the figures are of, what somebody may see of them, and whether there is such a
-- team: all that is needed to know before any figure is read. Parameters: asker, team. One row.
select
    stamp.refresh_id,
    stamp.computed_at,
    public.teams_in_scope(%(asker)s) as team_ids,
    exists(
        select from tracking_team
        where id = %(team)s
    ) as is_team_there
from (values (1)) as always (one)
left join analytics_stamp as stamp on true;
