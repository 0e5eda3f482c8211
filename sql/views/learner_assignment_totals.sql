-- grain:   one row for each assignment of an active learner
-- key:     assignment_id
-- sources: tracking_user, tracking_module, tracking_assignment, tracking_submission
-- tier:    base and delta: chosen_learner stands for every_learner and for touched_work
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
    ) as submissions_at,
    -- What a manager opens to grade is the latest; what counts is the latest that has a grade.
    (array_agg(submission.id order by submission.submitted_at desc, submission.id desc))[1]
        as submission_id,
    (
        array_agg(submission.grade order by submission.submitted_at desc, submission.id desc)
        filter (where submission.grade is not null)
    )[1] as grade
from tracking_assignment as assignment
inner join tracking_user as learner
    on assignment.user_id = learner.id and learner.role = 'learner' and learner.is_active
inner join tracking_module as module on assignment.module_id = module.id
left join tracking_submission as submission on assignment.id = submission.assignment_id
where assignment.user_id in (select chosen_learner.learner_id from chosen_learner)
group by assignment.id, learner.id, module.id
