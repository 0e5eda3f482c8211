-- grain:   one row for each team
-- key:     team_id
-- sources: tracking_team, learner_scores, analytics_stamp, tracking_user,
--          tracking_learningsession, tracking_quizattempt
-- tier:    every refresh, after learner_totals
-- Sums and counts only: an average over several teams is made from them, never from averages.
with learner as (
    select
        team_id,
        count(*) as learner_count,
        count(*) filter (
            where
            last_learning_at >= computed_at - interval '24 hours'
        ) as active_24h,
        count(*) filter (where status = 'inactive') as inactive_72h,
        count(*) filter (where is_at_risk) as at_risk_count,
        sum(assignment_count)::bigint as assignment_count,
        sum(submitted_count)::bigint as submitted_count
    from learner_scores
    group by team_id
),

session as (
    select
        learner.team_id,
        count(*) as week_session_count,
        sum(session.focus_duration_seconds)::bigint as week_focus_seconds
    from tracking_learningsession as session
    inner join tracking_user as learner
        on session.user_id = learner.id and learner.role = 'learner' and learner.is_active
    cross join analytics_stamp as stamp
    where
        session.start_time >= stamp.computed_at - interval '7 days'
        and session.start_time <= stamp.computed_at
    group by learner.team_id
),

attempt as (
    select
        learner.team_id,
        count(*) as week_attempt_count,
        sum(attempt.score) as week_score_sum
    from tracking_quizattempt as attempt
    inner join tracking_user as learner
        on attempt.user_id = learner.id and learner.role = 'learner' and learner.is_active
    cross join analytics_stamp as stamp
    where
        attempt.timestamp >= stamp.computed_at - interval '7 days'
        and attempt.timestamp <= stamp.computed_at
    group by learner.team_id
)

select
    team.id as team_id,
    team.name as team_name,
    coalesce(learner.learner_count, 0) as learner_count,
    coalesce(learner.active_24h, 0) as active_24h,
    coalesce(learner.inactive_72h, 0) as inactive_72h,
    coalesce(learner.at_risk_count, 0) as at_risk_count,
    coalesce(learner.assignment_count, 0) as assignment_count,
    coalesce(learner.submitted_count, 0) as submitted_count,
    coalesce(session.week_session_count, 0) as week_session_count,
    coalesce(session.week_focus_seconds, 0) as week_focus_seconds,
    coalesce(attempt.week_attempt_count, 0) as week_attempt_count,
    coalesce(attempt.week_score_sum, 0) as week_score_sum
from tracking_team as team
left join learner on team.id = learner.team_id
left join session on team.id = session.team_id
left join attempt on team.id = attempt.team_id
