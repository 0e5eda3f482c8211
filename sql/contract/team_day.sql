-- grain: one row for each team and UTC day with activity, 90 days back. key: team_id, day
create view analytics.team_day as
select
    totals.team_id,
    totals.day,
    totals.active_learners,
    totals.session_count,
    totals.focus_seconds,
    totals.completion_count,
    totals.attempt_count,
    totals.score_sum,
    stamp.computed_at
from team_day_totals as totals
cross join analytics_stamp as stamp;

comment on view analytics.team_day is
'Each team''s activity on each UTC day of the last 90 that had any, by the learners who are in the
team now, as of computed_at.';
comment on column analytics.team_day.team_id is 'The team; with day the key of this view.';
comment on column analytics.team_day.day is 'The day, in UTC.';
comment on column analytics.team_day.active_learners is
'Learners of the team who started a session on that day.';
comment on column analytics.team_day.session_count is 'Sessions started on that day.';
comment on column analytics.team_day.focus_seconds is
'Seconds of focus of these sessions, also of what went on past midnight.';
comment on column analytics.team_day.completion_count is 'Modules completed on that day.';
comment on column analytics.team_day.attempt_count is 'Quiz attempts of that day.';
comment on column analytics.team_day.score_sum is
'The sum of their scores in percent: divided by attempt_count it is the day''s accuracy.';
comment on column analytics.team_day.computed_at is 'When this row was computed.';
