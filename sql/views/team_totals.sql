-- grain:   one row for each team
-- key:     team_id
-- sources: tracking_team, learner_scores, team_day_totals, analytics_stamp, tracking_user,
--          tracking_learningsession, tracking_quizattempt
-- tier:    delta, last
-- Sums and counts only: an average over several teams is made from them, never from averages.
with learner as (
    select
        team_id,
        count(*) as learner_count,
        count(*) filter (
            where last_learning_at >= computed_at - interval '24 hours'
        ) as active_24h,
        count(*) filter (where status = 'active') as active_count,
        count(*) filter (where status = 'idle') as idle_count,
        count(*) filter (where status = 'inactive') as inactive_count,
        count(*) filter (where status = 'not_started') as not_started_count,
        count(*) filter (where risk_level = 'High') as high_risk_count,
        count(*) filter (where risk_level = 'Medium') as medium_risk_count,
        count(*) filter (where risk_level = 'Low') as low_risk_count,
        count(*) filter (where is_at_risk) as at_risk_count,
        sum(assignment_count)::bigint as assignment_count,
        sum(submitted_count)::bigint as submitted_count
    from learner_scores
    group by team_id
),

-- The last 7 days to the second: six whole days and today from the sums, and from the rows what
-- lies on the day that the week begins in.
week as (
    select
        computed_at - interval '7 days' as begins_at,
        ((computed_at - interval '7 days') at time zone 'UTC')::date as begins_on,
        (((computed_at - interval '7 days') at time zone 'UTC')::date + 1)::timestamp
        at time zone 'UTC' as first_day_ends_at
    from analytics_stamp
),

whole_day as (
    select
        team.team_id,
        team.session_count,
        team.focus_seconds,
        team.attempt_count,
        team.score_sum
    from team_day_totals as team
    where team.day > (select begins_on from week)
),

first_day_session as (
    select
        learner.team_id,
        count(*) as session_count,
        sum(session.focus_duration_seconds)::bigint as focus_seconds
    from tracking_learningsession as session
    inner join tracking_user as learner
        on session.user_id = learner.id and learner.role = 'learner' and learner.is_active
    where
        session.start_time >= (select begins_at from week)
        and session.start_time < (select first_day_ends_at from week)
    group by learner.team_id
),

first_day_attempt as (
    select
        learner.team_id,
        count(*) as attempt_count,
        sum(attempt.score) as score_sum
    from tracking_quizattempt as attempt
    inner join tracking_user as learner
        on attempt.user_id = learner.id and learner.role = 'learner' and learner.is_active
    where
        attempt.timestamp >= (select begins_at from week)
        and attempt.timestamp < (select first_day_ends_at from week)
    group by learner.team_id
),

recent as (
    select
        team_id,
        sum(session_count)::bigint as week_session_count,
        sum(focus_seconds)::bigint as week_focus_seconds,
        sum(attempt_count)::bigint as week_attempt_count,
        sum(score_sum) as week_score_sum
    from (
        select
            team_id,
            session_count,
            focus_seconds,
            attempt_count,
            score_sum
        from whole_day
        union all
        select
            team_id,
            session_count,
            focus_seconds,
            0,
            0
        from first_day_session
        union all
        select
            team_id,
            0,
            0,
            attempt_count,
            score_sum
        from first_day_attempt
    ) as part
    group by team_id
)

select
    team.id as team_id,
    team.name as team_name,
    coalesce(learner.learner_count, 0) as learner_count,
    coalesce(learner.active_24h, 0) as active_24h,
    coalesce(learner.active_count, 0) as active_count,
    coalesce(learner.idle_count, 0) as idle_count,
    coalesce(learner.inactive_count, 0) as inactive_count,
    coalesce(learner.not_started_count, 0) as not_started_count,
    coalesce(learner.high_risk_count, 0) as high_risk_count,
    coalesce(learner.medium_risk_count, 0) as medium_risk_count,
    coalesce(learner.low_risk_count, 0) as low_risk_count,
    coalesce(learner.at_risk_count, 0) as at_risk_count,
    coalesce(learner.assignment_count, 0) as assignment_count,
    coalesce(learner.submitted_count, 0) as submitted_count,
    coalesce(recent.week_session_count, 0) as week_session_count,
    coalesce(recent.week_focus_seconds, 0) as week_focus_seconds,
    coalesce(recent.week_attempt_count, 0) as week_attempt_count,
    coalesce(recent.week_score_sum, 0) as week_score_sum
from tracking_team as team
left join learner on team.id = learner.team_id
left join recent on team.id = recent.team_id
