-- The assignments of one learner, with the first submission, the latest first.
-- Parameter: learner_id.
select
    assignment_id as id,
    module_title,
    status,
    submitted_at
from analytics.learner_assignment
where learner_id = %(learner_id)s
order by assignment_id desc;
