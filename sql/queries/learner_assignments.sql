-- The assignments of one learner up to the stamp, with the first submission, the latest first.
-- Parameters: learner_id, computed_at.
select
    assignment.id,
    module.title as module_title,
    assignment.status,
    min(submission.submitted_at) as submitted_at
from tracking_assignment as assignment
inner join tracking_module as module on assignment.module_id = module.id
left join tracking_submission as submission
    on assignment.id = submission.assignment_id and submission.submitted_at <= %(computed_at)s
where assignment.user_id = %(learner_id)s and assignment.assigned_at <= %(computed_at)s
group by assignment.id, module.title
order by assignment.id desc;
