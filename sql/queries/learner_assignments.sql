-- The assignments of one learner up to the stamp, with the first submission, the latest first.
-- Parameters: learner_id, computed_at.
select
    assignment.id,
    module.title as module_title,
    -- Handed in after the stamp is not handed in yet.
    case
        when min(submission.submitted_at) > %(computed_at)s then 'assigned'
        else assignment.status
    end as status,
    min(submission.submitted_at) filter (
        where submission.submitted_at <= %(computed_at)s
    ) as submitted_at
from tracking_assignment as assignment
inner join tracking_module as module on assignment.module_id = module.id
left join tracking_submission as submission on assignment.id = submission.assignment_id
where assignment.user_id = %(learner_id)s and assignment.assigned_at <= %(computed_at)s
group by assignment.id, module.title
order by assignment.id desc;
