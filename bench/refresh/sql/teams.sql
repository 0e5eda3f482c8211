insert into tracking_team (id, name, is_default)
select
    team_id,
    'Team ' || team_id,
    false
from bench.learner
group by team_id;
