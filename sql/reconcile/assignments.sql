-- What the views show of the assignments of some learners. Parameter: learner_ids.
select
    shown.assignment_id as row_id,
    shown.*
from analytics.learner_assignment as shown
where shown.learner_id = any(%(learner_ids)s);
