-- One lock for each learner and module, always taken in the order of the module's id: two batches
-- of one learner wait for each other and never deadlock. The statements that follow take their
-- snapshot after this one, so they see what the other batch has written.
-- Parameters: learner_id, module_ids.
select module_id
from tracking_moduleprogress
where user_id = %(learner_id)s and module_id = any(%(module_ids)s::bigint[])
order by module_id
for update;
