-- grain: one row for each quiz attempt of an active learner. key: attempt_id
create view analytics.learner_quiz_attempt as
select
    totals.attempt_id,
    totals.learner_id,
    totals.team_id,
    totals.module_id,
    totals.quiz_id,
    totals.module_title,
    totals.score,
    totals.is_passed,
    totals.attempted_at,
    stamp.computed_at
from learner_attempt_totals as totals
cross join analytics_stamp as stamp;

comment on view analytics.learner_quiz_attempt is
'Each quiz attempt of each active learner, as of computed_at.';
comment on column analytics.learner_quiz_attempt.attempt_id is 'The attempt; key of this view.';
comment on column analytics.learner_quiz_attempt.learner_id is 'The learner.';
comment on column analytics.learner_quiz_attempt.team_id is 'The learner''s team.';
comment on column analytics.learner_quiz_attempt.module_id is 'The module of the quiz.';
comment on column analytics.learner_quiz_attempt.quiz_id is 'The quiz.';
comment on column analytics.learner_quiz_attempt.module_title is 'The module''s title.';
comment on column analytics.learner_quiz_attempt.score is 'Percent of right answers.';
comment on column analytics.learner_quiz_attempt.is_passed is
'The score reached the quiz''s pass mark of that time.';
comment on column analytics.learner_quiz_attempt.attempted_at is 'When it was made.';
comment on column analytics.learner_quiz_attempt.computed_at is 'When this row was computed.';
