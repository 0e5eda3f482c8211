-- grain:   one row for each active learner and UTC day with activity, the base's day and the 89
--          before it
-- key:     learner_id, day
-- sources: tracking_user, tracking_learningsession, tracking_quizattempt, tracking_moduleprogress,
--          analytics_base, policy_in_force
-- tier:    base and delta: chosen_learner stands for every_learner and for touched_learner
-- A session counts on the day on which it started, with all of its focus.
with window_of_days as (
    select (day - 89)::timestamp at time zone 'UTC' as begins_at
    from analytics_base
),

activity as (
    select
        session.user_id as learner_id,
        (session.start_time at time zone 'UTC')::date as day,
        1 as session_count,
        session.focus_duration_seconds as focus_seconds,
        0 as attempt_count,
        null::numeric as score,
        0 as completion_count
    from tracking_learningsession as session
    where
        session.user_id in (select chosen_learner.learner_id from chosen_learner)
        and session.start_time >= (select begins_at from window_of_days)
    union all
    select
        attempt.user_id,
        (attempt.timestamp at time zone 'UTC')::date,
        0,
        0,
        1,
        attempt.score,
        0
    from tracking_quizattempt as attempt
    where
        attempt.user_id in (select chosen_learner.learner_id from chosen_learner)
        and attempt.timestamp >= (select begins_at from window_of_days)
    union all
    select
        progress.user_id,
        (progress.completed_at at time zone 'UTC')::date,
        0,
        0,
        0,
        null,
        1
    from tracking_moduleprogress as progress
    where
        progress.user_id in (select chosen_learner.learner_id from chosen_learner)
        and progress.completed_at >= (select begins_at from window_of_days)
),

day as (
    select
        learner_id,
        day,
        sum(session_count)::integer as session_count,
        sum(focus_seconds)::bigint as focus_seconds,
        sum(attempt_count)::integer as attempt_count,
        coalesce(sum(score), 0) as score_sum,
        sum(completion_count)::integer as completion_count
    from activity
    group by learner_id, day
)

select
    day.learner_id,
    learner.team_id,
    day.day,
    day.session_count,
    day.focus_seconds,
    day.attempt_count,
    day.score_sum,
    day.completion_count,
    day.focus_seconds > policy.implausible_focus_hours * 3600 as is_implausible
from day
inner join tracking_user as learner
    on day.learner_id = learner.id and learner.role = 'learner' and learner.is_active
cross join policy_in_force as policy
