with drawn as (
    select
        assignment.*,
        %(zero)s::timestamptz - bench.share(assignment.id, 600) * interval '100 days'
            as submitted_at,
        bench.share(assignment.id, 601) as mark
    from tracking_assignment as assignment
    where assignment.status in ('submitted', 'graded')
)

insert into tracking_submission (
    id, assignment_id, text, url, submitted_at, grade, feedback, graded_at, graded_by_id
)
select
    id,
    id,
    'What was handed in.',
    '',
    submitted_at,
    case when status = 'graded' then round((50 + mark * 50)::numeric, 2) end,
    '',
    case
        when status = 'graded' then submitted_at + mark * (%(zero)s::timestamptz - submitted_at)
    end,
    case when status = 'graded' then assigned_by_id end
from drawn;
