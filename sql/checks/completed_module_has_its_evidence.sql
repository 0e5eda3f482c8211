-- rule:  A completed module names the evidence it was completed by, every piece of it is there and
--        is the learner's, and the module was completed when the last piece came. A module that is
--        not completed names none.
-- grain: one row for each piece that is missing or has another time, and one for each completion
--        (without piece_id) whose time is not that of its last piece.
-- do:    Find out what was deleted or changed besides the product, and by whom. A quiz that was
--        moved to another module has taken its attempts along: move it back.
-- Pieces of content that was deleted are gone with it, and count as they are named: a resource, a
-- quiz where the module has none any more, an assignment where the learner has none there.
with named as not materialized (
    select
        progress.user_id,
        progress.module_id,
        progress.completed_at,
        'resource' as piece,
        (named.piece ->> 'id')::bigint as piece_id,
        (named.piece ->> 'completed_at')::timestamptz as named_at
    from tracking_moduleprogress as progress
    cross join lateral jsonb_path_query(progress.evidence, '$.resources[*]') as named (piece)
    union all
    select
        user_id,
        module_id,
        completed_at,
        'quiz_attempt',
        (evidence #>> '{quiz_attempt,id}')::bigint,
        (evidence #>> '{quiz_attempt,passed_at}')::timestamptz
    from tracking_moduleprogress
    where jsonb_typeof(evidence -> 'quiz_attempt') <> 'null'
    union all
    select
        user_id,
        module_id,
        completed_at,
        'submission',
        (evidence #>> '{submission,id}')::bigint,
        (evidence #>> '{submission,submitted_at}')::timestamptz
    from tracking_moduleprogress
    where jsonb_typeof(evidence -> 'submission') <> 'null'
),

found as (
    select
        named.*,
        case
            when named.piece = 'resource'
                then resource_progress.completed_at
            when attempt.user_id = named.user_id and attempt.quiz_id = quiz.id and attempt.passed
                then attempt.timestamp
            when submission.assignment_id = assignment.id
                then submission.submitted_at
        end as found_at,
        coalesce(resource.id, attempt.id, quiz.id, submission.id, assignment.id) is not null
            as is_content_there
    from named
    left join tracking_resource as resource
        on named.piece = 'resource' and named.piece_id = resource.id
    left join tracking_resourceprogress as resource_progress
        on
            resource.id = resource_progress.resource_id
            and named.user_id = resource_progress.user_id
    left join tracking_quiz as quiz
        on named.piece = 'quiz_attempt' and named.module_id = quiz.module_id
    left join tracking_quizattempt as attempt
        on named.piece = 'quiz_attempt' and named.piece_id = attempt.id
    left join tracking_assignment as assignment
        on
            named.piece = 'submission'
            and named.module_id = assignment.module_id
            and named.user_id = assignment.user_id
    left join tracking_submission as submission
        on named.piece = 'submission' and named.piece_id = submission.id
)

select
    found.user_id as learner_id,
    found.module_id,
    found.piece,
    found.piece_id,
    found.named_at as expected_at,
    found.found_at as actual_at
from found
where
    found.completed_at is not null
    and found.is_content_there
    and (found.found_at is null or found.found_at is distinct from found.named_at)
union all
select
    progress.user_id,
    progress.module_id,
    'completion',
    null,
    max(named.named_at),
    progress.completed_at
from tracking_moduleprogress as progress
left join named
    on progress.user_id = named.user_id and progress.module_id = named.module_id
group by progress.user_id, progress.module_id, progress.completed_at
having progress.completed_at is distinct from max(named.named_at)
