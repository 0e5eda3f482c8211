-- grain: one row for each active learner. key: learner_id
create view analytics.learner_snapshot as
select
    scores.learner_id,
    scores.team_id,
    scores.username,
    scores.full_name,
    scores.status,
    scores.last_active_at,
    scores.engagement_score,
    scores.modules_total,
    scores.modules_completed,
    scores.modules_in_progress,
    scores.session_count,
    scores.active_days,
    round(scores.focus_seconds / 60.0, 1) as total_focus_mins,
    scores.attempt_count,
    round(scores.score_sum / nullif(scores.attempt_count, 0), 1) as avg_score,
    scores.assignment_count,
    scores.submitted_count,
    scores.is_at_risk,
    scores.risk_level,
    scores.computed_at
from learner_scores as scores;

comment on view analytics.learner_snapshot is
'Each active learner: activity, progress, engagement and risk, as of computed_at.';
comment on column analytics.learner_snapshot.learner_id is 'The learner; key of this view.';
comment on column analytics.learner_snapshot.team_id is 'The learner''s team.';
comment on column analytics.learner_snapshot.username is 'The name the learner signs in with.';
comment on column analytics.learner_snapshot.full_name is 'First and last name; may be empty.';
comment on column analytics.learner_snapshot.status is
'active (within 24 h), idle (24 to 72 h), inactive (more than 72 h) or not_started.';
comment on column analytics.learner_snapshot.last_active_at is
'Latest of module access, session start and pulse; null without any.';
comment on column analytics.learner_snapshot.engagement_score is
'0 to 100: focus time, completion, quiz accuracy and consistency, weighted by the policy.';
comment on column analytics.learner_snapshot.modules_total is
'Modules that the learner has begun or was given.';
comment on column analytics.learner_snapshot.modules_completed is 'Of them, the completed ones.';
comment on column analytics.learner_snapshot.modules_in_progress is
'Of them, the ones begun and not completed.';
comment on column analytics.learner_snapshot.session_count is 'Learning sessions, ever.';
comment on column analytics.learner_snapshot.active_days is
'UTC days on which a learning session started, ever.';
comment on column analytics.learner_snapshot.total_focus_mins is
'Minutes of focus over all learning sessions, one decimal.';
comment on column analytics.learner_snapshot.attempt_count is 'Quiz attempts, ever.';
comment on column analytics.learner_snapshot.avg_score is
'Mean score of all quiz attempts in percent, one decimal; null without an attempt.';
comment on column analytics.learner_snapshot.assignment_count is 'Assignments, ever.';
comment on column analytics.learner_snapshot.submitted_count is
'Of them, the ones with a submission.';
comment on column analytics.learner_snapshot.is_at_risk is
'Idle with an engagement below the policy''s threshold, and not everything completed.';
comment on column analytics.learner_snapshot.risk_level is
'Low, Medium or High; the reasons are in learner_risk.';
comment on column analytics.learner_snapshot.computed_at is 'When this row was computed.';
