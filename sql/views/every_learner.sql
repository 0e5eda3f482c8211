-- grain:   one row for each active learner
-- key:     learner_id
-- sources: tracking_user
-- tier:    none: a plain view, read by the bases
select
    id as learner_id,
    '0001-01-01'::date as sessions_since
from tracking_user
where role = 'learner' and is_active
