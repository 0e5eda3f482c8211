-- grain:   one row for each active learner with activity on the base's UTC day or the 89 before it
-- key:     learner_id
-- sources: tracking_user, learner_sessions, tracking_quizattempt, tracking_moduleprogress,
--          analytics_base, policy_in_force
-- tier:    base and delta: chosen_learner stands for every_learner and for touched_learner
-- The days lie in arrays, the earliest first: the tenth of the rows costs a refresh a tenth, and a
-- learner's days are always wanted together. A session counts on the day on which it started, with
-- all of its focus.
with window_of_days as (
    select day - 89 as first_day
    from analytics_base
),

activity as (
    select
        sessions.learner_id,
        element.day,
        element.session_count,
        element.focus_seconds,
        0 as attempt_count,
        null::numeric as score,
        0 as completion_count
    from chosen_sessions as sessions
    cross join
        unnest(sessions.days, sessions.session_counts, sessions.focus_seconds)
            as element (day, session_count, focus_seconds)
    where element.day > '0001-01-01'
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
        -- By the day, of which there is no index: the rows are found by their learner.
        and (attempt.timestamp at time zone 'UTC')::date >= (select first_day from window_of_days)
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
        and (progress.completed_at at time zone 'UTC')::date
        >= (select first_day from window_of_days)
),

-- In order, as the arrays take their elements in the order in which the rows come.
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
    order by learner_id, day
),

days as (
    select
        learner_id,
        array_agg(day) as days,
        array_agg(session_count) as session_counts,
        array_agg(focus_seconds) as focus_seconds,
        array_agg(attempt_count) as attempt_counts,
        array_agg(score_sum) as score_sums,
        array_agg(completion_count) as completion_counts,
        max(focus_seconds) as most_focus_seconds
    from day
    group by learner_id
)

select
    days.learner_id,
    learner.team_id,
    days.days,
    days.session_counts,
    days.focus_seconds,
    days.attempt_counts,
    days.score_sums,
    days.completion_counts,
    days.most_focus_seconds > policy.implausible_focus_hours * 3600 as is_implausible
from days
inner join tracking_user as learner
    on days.learner_id = learner.id and learner.role = 'learner' and learner.is_active
cross join policy_in_force as policy
