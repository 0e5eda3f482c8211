-- Which refresh the figures are of, what somebody may see of them, and whether there is such a
-- team. Parameters: asker; team or null. One row.
select
    refresh_id,
    computed_at,
    team_ids,
    is_team_there
from public.standing_of(%(asker)s, %(team)s);
