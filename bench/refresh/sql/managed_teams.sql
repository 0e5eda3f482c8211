insert into tracking_team_managers (team_id, user_id)
select
    team_id,
    id
from tracking_user
where role = 'manager';
