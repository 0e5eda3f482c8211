-- grain: one row for each assignment of an active learner. key: assignment_id
create view analytics.learner_assignment as
select
    totals.assignment_id,
    totals.learner_id,
    totals.team_id,
    totals.module_id,
    totals.module_title,
    totals.status,
    totals.assigned_at,
    totals.due_at,
    totals.submitted_at,
    totals.submissions_at,
    totals.submission_id,
    totals.grade,
    stamp.computed_at
from learner_assignment_totals as totals
cross join analytics_stamp as stamp;

comment on view analytics.learner_assignment is
'Each assignment of each active learner, as of computed_at.';
comment on column analytics.learner_assignment.assignment_id is
'The assignment; key of this view.';
comment on column analytics.learner_assignment.learner_id is 'The learner.';
comment on column analytics.learner_assignment.team_id is 'The learner''s team.';
comment on column analytics.learner_assignment.module_id is 'The module.';
comment on column analytics.learner_assignment.module_title is 'The module''s title.';
comment on column analytics.learner_assignment.status is
'assigned, submitted, completed (with its module) or graded.';
comment on column analytics.learner_assignment.assigned_at is 'When it was assigned.';
comment on column analytics.learner_assignment.due_at is 'When it is due; null without a date.';
comment on column analytics.learner_assignment.submitted_at is
'The first submission; null without any.';
comment on column analytics.learner_assignment.submissions_at is
'All submissions, the first one first.';
comment on column analytics.learner_assignment.submission_id is
'The latest submission; null without any.';
comment on column analytics.learner_assignment.grade is
'Grade in percent of the latest submission that has one; null without any.';
comment on column analytics.learner_assignment.computed_at is 'When this row was computed.';
