-- grain:   one row for each active learner
-- key:     learner_id
-- sources: tracking_user, learner_sessions, tracking_moduleprogress, tracking_quizattempt,
--          tracking_assignment, tracking_submission, analytics_base, policy_in_force
-- tier:    base and delta: chosen_learner stands for every_learner and for touched_learner
-- Only what changes with the learner's data, the policy and the day of the base; what the clock
-- changes is in learner_scores.
-- The base's day and the six before it are the last week; four weeks of seven days lie before it.
with session as (
    select
        sessions.learner_id,
        summed.session_count,
        summed.focus_seconds,
        sessions.earlier_days + summed.active_days as active_days,
        summed.last_learning_at,
        summed.last_week_seconds,
        summed.earlier_weeks_seconds
    from chosen_sessions as sessions
    cross join analytics_base as base
    cross join
        lateral (
            select
                sum(element.session_count) as session_count,
                sum(element.focus_seconds)::bigint as focus_seconds,
                count(distinct element.day) filter (
                    where element.day > '0001-01-01'
                ) as active_days,
                max(element.last_learning_at) as last_learning_at,
                coalesce(
                    sum(element.focus_seconds) filter (where element.day > base.day - 7), 0
                )::bigint as last_week_seconds,
                array[
                    coalesce(
                        sum(element.focus_seconds) filter (
                            where element.day between base.day - 13 and base.day - 7
                        ),
                        0
                    ),
                    coalesce(
                        sum(element.focus_seconds) filter (
                            where element.day between base.day - 20 and base.day - 14
                        ),
                        0
                    ),
                    coalesce(
                        sum(element.focus_seconds) filter (
                            where element.day between base.day - 27 and base.day - 21
                        ),
                        0
                    ),
                    coalesce(
                        sum(element.focus_seconds) filter (
                            where element.day between base.day - 34 and base.day - 28
                        ),
                        0
                    )
                ]::bigint[] as earlier_weeks_seconds
            from
                unnest(
                    sessions.days,
                    sessions.session_counts,
                    sessions.focus_seconds,
                    sessions.last_learnings_at
                ) as element (day, session_count, focus_seconds, last_learning_at)
        ) as summed
),

module as (
    select
        user_id as learner_id,
        count(*) as modules_total,
        count(*) filter (where status = 'completed') as modules_completed,
        count(*) filter (where status = 'in_progress') as modules_in_progress,
        max(last_accessed) as last_accessed_at
    from tracking_moduleprogress
    where user_id in (select chosen_learner.learner_id from chosen_learner)
    group by user_id
),

-- A quiz fails a learner when the latest attempt did and none before it passed.
quiz as (
    select
        user_id as learner_id,
        quiz_id,
        count(*) as attempt_count,
        sum(score) as score_sum,
        not bool_or(passed) as is_failing
    from tracking_quizattempt
    where user_id in (select chosen_learner.learner_id from chosen_learner)
    group by user_id, quiz_id
),

attempt as (
    select
        learner_id,
        sum(attempt_count)::bigint as attempt_count,
        sum(score_sum) as score_sum,
        count(*) filter (where is_failing) as failing_quiz_count
    from quiz
    group by learner_id
),

submitted as (
    select distinct submission.assignment_id
    from tracking_submission as submission
    inner join tracking_assignment as assignment on submission.assignment_id = assignment.id
    where assignment.user_id in (select chosen_learner.learner_id from chosen_learner)
),

work as (
    select
        assignment.user_id as learner_id,
        assignment.due_at,
        submitted.assignment_id is not null as is_submitted,
        assignment.status = 'assigned' as is_assigned
    from tracking_assignment as assignment
    left join submitted on assignment.id = submitted.assignment_id
    where assignment.user_id in (select chosen_learner.learner_id from chosen_learner)
),

assignment as (
    select
        learner_id,
        count(*) as assignment_count,
        count(*) filter (where is_submitted) as submitted_count,
        -- Nothing is owed for work that its module, or a manager, has already accepted.
        count(*) filter (where is_assigned and not is_submitted) as open_count,
        array_agg(due_at order by due_at) filter (
            where is_assigned and not is_submitted and due_at is not null
        ) as open_due_at
    from work
    group by learner_id
),

totals as (
    select
        learner.id as learner_id,
        learner.team_id,
        learner.username,
        trim(learner.first_name || ' ' || learner.last_name) as full_name,
        session.last_learning_at,
        coalesce(session.session_count, 0) as session_count,
        coalesce(session.focus_seconds, 0) as focus_seconds,
        coalesce(session.active_days, 0) as active_days,
        greatest(session.last_learning_at, module.last_accessed_at) as last_active_at,
        coalesce(module.modules_total, 0) as modules_total,
        coalesce(module.modules_completed, 0) as modules_completed,
        coalesce(module.modules_in_progress, 0) as modules_in_progress,
        coalesce(attempt.attempt_count, 0) as attempt_count,
        coalesce(attempt.score_sum, 0) as score_sum,
        coalesce(attempt.failing_quiz_count, 0) as failing_quiz_count,
        coalesce(assignment.assignment_count, 0) as assignment_count,
        coalesce(assignment.submitted_count, 0) as submitted_count,
        coalesce(assignment.open_count, 0) as open_count,
        coalesce(assignment.open_due_at, '{}'::timestamptz[]) as open_due_at,
        session.last_week_seconds,
        session.earlier_weeks_seconds
    from tracking_user as learner
    left join session on learner.id = session.learner_id
    left join module on learner.id = module.learner_id
    left join attempt on learner.id = attempt.learner_id
    left join assignment on learner.id = assignment.learner_id
    where
        learner.role = 'learner'
        and learner.is_active
        and learner.id in (select chosen_learner.learner_id from chosen_learner)
),

-- Whoever has enough weeks to be held against gets the usual week; the others get null. Kept, as
-- PostgreSQL would else work it out at each of the places that name it.
usual as materialized (
    select
        totals.*,
        totals.modules_total > 0
        and totals.modules_completed = totals.modules_total
        and totals.open_count = 0 as is_finished,
        totals.modules_total = 0
        and totals.assignment_count = 0
        and totals.last_active_at is null as is_insufficient_data,
        case
            when (
                select count(*)
                from unnest(totals.earlier_weeks_seconds) as week (seconds)
                where week.seconds >= policy.drop_active_minutes * 60
            ) >= policy.drop_active_weeks
                then (
                    select (percentile_cont(0.5) within group (order by week.seconds))::numeric
                    from unnest(totals.earlier_weeks_seconds) as week (seconds)
                )
        end as usual_week_seconds
    from totals
    cross join policy_in_force as policy
),

-- Held against the median absolute deviation without a division: where the usual weeks are all
-- alike, any fall is far out.
dropped as materialized (
    select
        usual.*,
        deviation.deviation_seconds,
        coalesce(
            not usual.is_finished
            and usual.usual_week_seconds > 0
            and usual.last_week_seconds * 100.0
            <= usual.usual_week_seconds * (100 - policy.drop_percent)
            and 0.6745 * (usual.usual_week_seconds - usual.last_week_seconds)
            >= policy.drop_z * deviation.deviation_seconds,
            false
        ) as is_dropped
    from usual
    cross join policy_in_force as policy
    cross join
        lateral (
            select
                case
                    when usual.usual_week_seconds is not null
                        then (
                            select
                                (
                                    percentile_cont(0.5) within group (
                                        order by abs(week.seconds - usual.usual_week_seconds)
                                    )
                                )::numeric
                            from unnest(usual.earlier_weeks_seconds) as week (seconds)
                        )
                end as deviation_seconds
        ) as deviation
)

select
    dropped.learner_id,
    dropped.team_id,
    dropped.username,
    dropped.full_name,
    dropped.last_learning_at,
    dropped.session_count,
    dropped.focus_seconds,
    dropped.active_days,
    dropped.last_active_at,
    dropped.modules_total,
    dropped.modules_completed,
    dropped.modules_in_progress,
    dropped.attempt_count,
    dropped.score_sum,
    dropped.failing_quiz_count,
    dropped.assignment_count,
    dropped.submitted_count,
    dropped.open_count,
    dropped.open_due_at,
    dropped.is_finished,
    dropped.is_insufficient_data,
    -- Rounded twice, as repeating decimals would else fall on the wrong side of a half.
    round(
        round(
            least(dropped.focus_seconds / (60.0 * policy.focus_divisor), policy.focus_points)
            + case
                when dropped.modules_total = 0 then 0
                else dropped.modules_completed * policy.completion_points / dropped.modules_total
            end
            + case
                when dropped.attempt_count = 0 then 0
                else
                    dropped.score_sum * policy.accuracy_points / (100.0 * dropped.attempt_count)
            end
            + least(dropped.active_days / policy.consistency_divisor, policy.consistency_points),
            9
        ),
        1
    ) as engagement_score,
    dropped.is_dropped,
    case
        when dropped.is_dropped
            then jsonb_build_object(
                'last_week_minutes', round(dropped.last_week_seconds / 60.0, 1),
                'usual_week_minutes', round(dropped.usual_week_seconds / 60.0, 1),
                'deviation_minutes', round(dropped.deviation_seconds / 60.0, 1),
                'robust_z',
                round(
                    0.6745 * (dropped.last_week_seconds - dropped.usual_week_seconds)
                    / nullif(dropped.deviation_seconds, 0),
                    2
                ),
                'fall_percent',
                round(
                    100 - dropped.last_week_seconds * 100.0 / dropped.usual_week_seconds, 1
                ),
                'earlier_weeks_minutes',
                (
                    select jsonb_agg(round(week.seconds / 60.0, 1) order by week.place)
                    from
                        unnest(
                            dropped.earlier_weeks_seconds
                        ) with ordinality as week (seconds, place)
                )
            )
    end as drop_evidence
from dropped
cross join policy_in_force as policy
