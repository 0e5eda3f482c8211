-- Module number %(round)s of everybody.
with drawn as (
    select
        learner.*,
        bench.share(learner.id, 100 + %(round)s) as standing,
        bench.share(learner.id, 200 + %(round)s) as ago
    from bench.learner as learner
),

placed as (
    select
        id,
        latest_at - ago * span as accessed_at,
        case
            when latest_at is null then 'not_started'
            when is_finished or standing < case when is_diligent then 0.5 else 0.15 end
                then 'completed'
            when standing < 0.8 then 'in_progress'
            else 'not_started'
        end as status
    from drawn
)

insert into tracking_moduleprogress (
    id, user_id, module_id, status, last_accessed, completed_at, evidence
)
select
    %(first_id)s::bigint + id,
    id,
    %(round)s,
    status,
    case when status <> 'not_started' then accessed_at end,
    case when status = 'completed' then accessed_at end,
    case
        when status = 'completed'
            then '{"resources": [], "quiz_attempt": null, "submission": null}'::jsonb
    end
from placed;
