-- grain:   one row for each active learner
-- key:     learner_id
-- sources: tracking_user
-- tier:    none: a plain view, read by the bases
select id as learner_id
from tracking_user
where role = 'learner' and is_active
