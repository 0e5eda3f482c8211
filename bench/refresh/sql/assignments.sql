-- Of the five modules with an assignment each learner has three.
with drawn as (
    select
        learner.*,
        bench.share(learner.id, 400 + %(round)s) as standing,
        bench.share(learner.id, 500 + %(round)s) as due
    from bench.learner as learner
)

insert into tracking_assignment (
    id, user_id, module_id, status, due_at, assigned_at, assigned_by_id
)
select
    %(first_id)s::bigint + drawn.id,
    drawn.id,
    1 + 2 * ((drawn.id + %(round)s) %% (%(modules)s / 2)),
    case
        when
            drawn.latest_at is not null
            and (
                drawn.is_finished
                or drawn.standing < case when drawn.is_diligent then 0.8 else 0.35 end
            )
            then case when drawn.due < 0.5 then 'graded' else 'submitted' end
        else 'assigned'
    end,
    %(zero)s::timestamptz - interval '60 days' + drawn.due * interval '90 days',
    %(zero)s::timestamptz - interval '110 days',
    manager.id
from drawn
inner join tracking_user as manager
    on drawn.team_id = manager.team_id and manager.role = 'manager';
