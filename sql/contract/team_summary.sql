-- grain: one row for each team. key: team_id
create view analytics.team_summary as
select
    totals.team_id,
    totals.team_name,
    totals.learner_count,
    totals.active_24h,
    totals.inactive_count as inactive_72h,
    totals.at_risk_count,
    round(totals.week_focus_seconds / (60.0 * nullif(totals.week_session_count, 0)), 1)
        as avg_focus_mins,
    round(totals.week_score_sum / nullif(totals.week_attempt_count, 0), 1) as avg_accuracy,
    round(totals.submitted_count * 100.0 / nullif(totals.assignment_count, 0), 1)
        as assignment_rate,
    totals.week_session_count,
    totals.week_focus_seconds,
    totals.week_attempt_count,
    totals.week_score_sum,
    totals.assignment_count,
    totals.submitted_count,
    totals.active_count,
    totals.idle_count,
    totals.inactive_count,
    totals.not_started_count,
    totals.high_risk_count,
    totals.medium_risk_count,
    totals.low_risk_count,
    stamp.computed_at
from team_totals as totals
cross join analytics_stamp as stamp;

comment on view analytics.team_summary is
'Each team''s figures as of computed_at, with the sums behind its averages. To put teams
together add up the sums and counts and divide; never average the averages.';
comment on column analytics.team_summary.team_id is 'The team; key of this view.';
comment on column analytics.team_summary.team_name is 'Its name.';
comment on column analytics.team_summary.learner_count is 'Active learners in the team.';
comment on column analytics.team_summary.active_24h is
'Learners with a session started, or a pulse, in the last 24 hours.';
comment on column analytics.team_summary.inactive_72h is
'Learners whose last activity is older than 72 hours; never-active learners are not in it.';
comment on column analytics.team_summary.at_risk_count is
'Learners who are idle with low engagement and not finished.';
comment on column analytics.team_summary.avg_focus_mins is
'Mean minutes of focus of the sessions started in the last 7 days; null without any.';
comment on column analytics.team_summary.avg_accuracy is
'Mean score of the quiz attempts of the last 7 days in percent; null without any.';
comment on column analytics.team_summary.assignment_rate is
'Assignments with a submission in percent of all; null without any.';
comment on column analytics.team_summary.week_session_count is
'Sessions started in the last 7 days.';
comment on column analytics.team_summary.week_focus_seconds is 'Their seconds of focus.';
comment on column analytics.team_summary.week_attempt_count is
'Quiz attempts of the last 7 days.';
comment on column analytics.team_summary.week_score_sum is 'The sum of their scores.';
comment on column analytics.team_summary.assignment_count is 'Assignments, ever.';
comment on column analytics.team_summary.submitted_count is
'Of them, the ones with a submission.';
comment on column analytics.team_summary.active_count is
'Learners whose status is active: the last activity lies within 24 hours.';
comment on column analytics.team_summary.idle_count is
'Learners whose status is idle: the last activity was 24 to 72 hours ago.';
comment on column analytics.team_summary.inactive_count is
'Learners whose status is inactive; the same as inactive_72h.';
comment on column analytics.team_summary.not_started_count is
'Learners without any activity.';
comment on column analytics.team_summary.high_risk_count is
'Learners whose risk level is High.';
comment on column analytics.team_summary.medium_risk_count is
'Learners whose risk level is Medium.';
comment on column analytics.team_summary.low_risk_count is
'Learners whose risk level is Low.';
comment on column analytics.team_summary.computed_at is 'When this row was computed.';
