-- grain:   one row for each active learner
-- key:     learner_id
-- sources: learner_totals, analytics_stamp, policy_in_force
-- tier:    none: a plain view, worked out when it is read
-- Status and risk, all as of the stamp; the formulas of docs/TRACKING_CONTRACT.md.
with dated as (
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
        coalesce(totals.open_due_at[1] < stamp.computed_at, false) as is_overdue
    from learner_totals as totals
    cross join analytics_stamp as stamp
),

judged as (
    select
        dated.*,
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
        case when is_overdue then policy.overdue_assignment_risk else 0 end
            as overdue_points,
        case
            when failing_quiz_count >= policy.failing_quizzes then policy.failing_quizzes_risk
            else 0
        end as failing_quizzes_points,
        case when is_dropped then policy.engagement_drop_risk else 0 end as drop_points,
        case
            when
                status = 'not_started' and (modules_total > 0 or assignment_count > 0)
                then policy.never_started_risk
            else 0
        end as never_started_points
    from dated
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
                + drop_points
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
