-- grain:   one row for each active learner
-- key:     learner_id
-- sources: learner_totals, analytics_stamp, policy_in_force
-- tier:    none: a plain view, worked out when it is read
-- Status, engagement and risk, all as of the stamp; the formulas of docs/TRACKING_CONTRACT.md.
with scored as (
    select
        totals.*,
        stamp.computed_at,
        case
            when totals.last_active_at is null then 'not_started'
            when
                totals.last_active_at >= stamp.computed_at - interval '24 hours'
                then 'active'
            when
                totals.last_active_at >= stamp.computed_at - interval '72 hours'
                then 'idle'
            else 'inactive'
        end as status,
        -- Rounded twice, as repeating decimals would else fall on the wrong side of a half.
        round(
            round(
                least(totals.focus_seconds / (60.0 * policy.focus_divisor), policy.focus_points)
                + case
                    when totals.modules_total = 0 then 0
                    else
                        totals.modules_completed * policy.completion_points
                        / totals.modules_total
                end
                + case
                    when totals.attempt_count = 0 then 0
                    else
                        totals.score_sum * policy.accuracy_points
                        / (100.0 * totals.attempt_count)
                end
                + least(
                    totals.active_days / policy.consistency_divisor, policy.consistency_points
                ),
                9
            ),
            1
        ) as engagement_score,
        (
            select count(*)
            from unnest(totals.open_due_at) as due (at)
            where due.at < stamp.computed_at
        ) as overdue_count,
        totals.modules_total > 0
        and totals.modules_completed = totals.modules_total
        and totals.open_count = 0 as is_finished,
        totals.modules_total = 0
        and totals.assignment_count = 0
        and totals.last_active_at is null as is_insufficient_data
    from learner_totals as totals
    cross join analytics_stamp as stamp
    cross join policy_in_force as policy
),

judged as (
    select
        scored.*,
        status = 'idle' and engagement_score < policy.low_engagement as is_at_risk,
        case
            when status = 'inactive' then policy.inactive_risk
            when status = 'idle' then policy.idle_risk
            else 0
        end as status_points,
        -- Somebody who was given nothing and did nothing has not engaged badly.
        case
            when not is_insufficient_data and engagement_score < policy.low_engagement
                then policy.low_engagement_risk
            else 0
        end as low_engagement_points,
        case when overdue_count > 0 then policy.overdue_assignment_risk else 0 end
            as overdue_points,
        case
            when failing_quiz_count >= policy.failing_quizzes then policy.failing_quizzes_risk
            else 0
        end as failing_quizzes_points,
        case
            when
                status = 'not_started' and (modules_total > 0 or assignment_count > 0)
                then policy.never_started_risk
            else 0
        end as never_started_points
    from scored
    cross join policy_in_force as policy
),

summed as (
    select
        judged.*,
        case
            when is_finished or is_insufficient_data then 0
            else
                status_points
                + low_engagement_points
                + overdue_points
                + failing_quizzes_points
                + never_started_points
        end as risk_points
    from judged
)

select
    summed.*,
    case
        when is_finished or is_insufficient_data then 'Low'
        when risk_points >= policy.high_risk then 'High'
        when risk_points >= policy.medium_risk or is_at_risk then 'Medium'
        else 'Low'
    end as risk_level
from summed
cross join policy_in_force as policy
