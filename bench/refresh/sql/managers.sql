-- One a team, after the learners, and an admin after them.
insert into tracking_user (
    id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
    date_joined, role, team_id
)
select
    %(learners)s::bigint + row_number() over (order by is_default, id),
    '!',
    false,
    case when is_default then 'admin' else 'manager-' || id end,
    '',
    '',
    '',
    false,
    true,
    %(zero)s::timestamptz - interval '1 year',
    case when is_default then 'admin' else 'manager' end,
    id
from tracking_team;
