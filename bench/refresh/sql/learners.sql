insert into tracking_user (
    id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
    date_joined, role, team_id
)
select
    id,
    '!',
    false,
    'learner-' || lpad(id::text, 7, '0'),
    'Learner',
    id::text,
    '',
    false,
    true,
    %(zero)s::timestamptz - interval '1 year',
    'learner',
    team_id
from bench.learner;
