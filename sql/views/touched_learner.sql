-- grain:   one row for each user whose data may differ from what the bases hold
-- key:     learner_id
-- sources: analytics_touched, analytics_base, learner_sessions_base, tracking_moduleprogress,
--          tracking_resource, tracking_resourceprogress, tracking_quiz, tracking_quizattempt,
--          tracking_assignment
-- tier:    delta, before all others
-- The bases hold what the last writer of a learner wrote if their snapshot saw that writer's
-- transaction, and then they hold all before it: sql/functions/touch_owner.sql. Somebody who is no
-- learner any more stands here too, and has no row in any delta: that takes the base's row away.
-- So does everybody with anything of a module, whose number has a minus, that was being edited when
-- the bases were made: of a later edit all are noted whom the bases may hold otherwise.
-- Sessions that started before the UTC day sessions_since are as learner_sessions_base has them. It
-- is 0001-01-01 where that has none of the learner, or does not keep the day. Unless
-- is_work_touched, attempts and assignments are as their bases have them.
with touched as materialized (
    select
        ledger.learner_id as noted,
        ledger.sessions_since,
        ledger.is_work_touched,
        ledger.touched_xid < pg_snapshot_xmax(base.snapshot) as was_open
    from analytics_touched as ledger
    cross join analytics_base as base
    where
        ledger.learner_id <> 0
        and not pg_visible_in_snapshot(ledger.touched_xid, base.snapshot)
),

edited as (
    select -noted as module_id
    from touched
    where noted < 0 and was_open
),

concerned as (
    select
        progress.user_id,
        progress.module_id
    from tracking_moduleprogress as progress
    union all
    select
        assignment.user_id,
        assignment.module_id
    from tracking_assignment as assignment
    union all
    select
        attempt.user_id,
        quiz.module_id
    from tracking_quizattempt as attempt
    inner join tracking_quiz as quiz on attempt.quiz_id = quiz.id
    union all
    select
        progress.user_id,
        resource.module_id
    from tracking_resourceprogress as progress
    inner join tracking_resource as resource on progress.resource_id = resource.id
),

chosen as (
    select
        noted as learner_id,
        sessions_since,
        is_work_touched
    from touched
    where noted > 0
    union all
    select
        concerned.user_id,
        '9999-12-31',
        true
    from concerned
    where
        -- Known before any row is read: mostly nothing was.
        exists (select from edited)
        and concerned.module_id in (select edited.module_id from edited)
)

select
    chosen.learner_id,
    case
        when sessions.learner_id is null or min(chosen.sessions_since) < base.day - 89
            then '0001-01-01'
        else min(chosen.sessions_since)
    end as sessions_since,
    bool_or(chosen.is_work_touched) as is_work_touched
from chosen
cross join analytics_base as base
left join learner_sessions_base as sessions on chosen.learner_id = sessions.learner_id
group by chosen.learner_id, sessions.learner_id, base.day
