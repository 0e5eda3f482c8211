-- grain:   one row for each assignment of an active learner
-- key:     assignment_id
-- sources: tracking_user, tracking_module, tracking_assignment, tracking_submission
-- tier:    every refresh
select
    assignment.id as assignment_id,
    learner.id as learner_id,
    learner.team_id,
    assignment.module_id,
    module.title as module_title,
    assignment.status,
    assignment.assigned_at,
    assignment.due_at,
    min(submission.submitted_at) as submitted_at,
    coalesce(
        array_agg(submission.submitted_at order by submission.submitted_at) filter (
            where submission.id is not null
        ),
        '{}'::timestamptz[]
    ) as submissions_at
from tracking_assignment as assignment
inner join tracking_user as learner
    on assignment.user_id = learner.id and learner.role = 'learner' and learner.is_active
inner join tracking_module as module on assignment.module_id = module.id
left join tracking_submission as submission on assignment.id = submission.assignment_id
group by assignment.id, learner.id, module.id
