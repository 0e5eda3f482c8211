insert into tracking_module (
    id, title, description, is_published, has_quiz, has_assignment, created_at
)
select
    number,
    'Module ' || number,
    '',
    true,
    number %% 2 = 0,
    number %% 2 = 1,
    %(zero)s::timestamptz - interval '1 year'
from generate_series(1, %(modules)s::bigint) as number;
