-- What the views show of the resources of some learners. Parameter: learner_ids.
select
    shown.resource_id as row_id,
    shown.*
from analytics.learner_resource as shown
where shown.learner_id = any(%(learner_ids)s);
