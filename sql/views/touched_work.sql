-- grain:   one row for each user whose attempts or assignments may not be as the bases show
-- key:     learner_id
-- sources: touched_learner
-- tier:    none: a plain view, read by the deltas of attempts and assignments
select learner_id
from touched_learner
where is_work_touched
