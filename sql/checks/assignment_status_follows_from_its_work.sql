-- rule:  An assignment is completed, or graded, where its module is completed; and it is graded
--        where one of its submissions is.
-- grain: one row for each assignment that has another status.
-- do:    Set the status to what is expected. It was given, handed in or graded besides the product.
select
    assignment.user_id as learner_id,
    assignment.module_id,
    assignment.id as assignment_id,
    case when graded.is_graded then 'graded' else 'completed' end as expected_status,
    assignment.status as actual_status
from tracking_assignment as assignment
left join tracking_moduleprogress as progress
    on
        assignment.user_id = progress.user_id
        and assignment.module_id = progress.module_id
cross join
    lateral (
        select
            exists(
                select from tracking_submission as submission
                where submission.assignment_id = assignment.id and submission.grade is not null
            ) as is_graded
    ) as graded
where
    assignment.status <> 'graded'
    and (graded.is_graded or (progress.status = 'completed' and assignment.status <> 'completed'))
