-- grain: one row for each active learner and module begun or given. key: learner_id, module_id
create view analytics.learner_module as
select
    totals.learner_id,
    totals.module_id,
    totals.team_id,
    totals.title,
    totals.status,
    totals.progress_percent,
    round(totals.focus_seconds / 60.0, 1) as focus_time_mins,
    totals.resources_total,
    totals.resources_completed,
    totals.has_quiz,
    totals.is_quiz_passed,
    totals.has_assignment,
    totals.is_assignment_submitted,
    totals.first_session_at,
    totals.last_accessed_at,
    totals.completed_at,
    stamp.computed_at
from learner_module_totals as totals
cross join analytics_stamp as stamp;

comment on view analytics.learner_module is
'Each module of each active learner: progress and focus, as of computed_at.';
comment on column analytics.learner_module.learner_id is 'The learner; key with module_id.';
comment on column analytics.learner_module.module_id is 'The module; key with learner_id.';
comment on column analytics.learner_module.team_id is 'The learner''s team.';
comment on column analytics.learner_module.title is 'The module''s title.';
comment on column analytics.learner_module.status is 'not_started, in_progress or completed.';
comment on column analytics.learner_module.progress_percent is
'Completed resources in percent, at most 95 while a required quiz or assignment is missing.';
comment on column analytics.learner_module.focus_time_mins is
'Minutes of focus in this module, one decimal.';
comment on column analytics.learner_module.resources_total is 'Resources of the module.';
comment on column analytics.learner_module.resources_completed is 'Of them, the completed ones.';
comment on column analytics.learner_module.has_quiz is 'Completion requires a passed quiz.';
comment on column analytics.learner_module.is_quiz_passed is 'An attempt was passed.';
comment on column analytics.learner_module.has_assignment is
'Completion requires a submitted assignment.';
comment on column analytics.learner_module.is_assignment_submitted is 'A submission was made.';
comment on column analytics.learner_module.first_session_at is
'Start of the first learning session in the module; null without any.';
comment on column analytics.learner_module.last_accessed_at is
'Latest activity in the module; null without any.';
comment on column analytics.learner_module.completed_at is
'Time of the last piece of evidence for completion; null until completed.';
comment on column analytics.learner_module.computed_at is 'When this row was computed.';
