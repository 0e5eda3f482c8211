-- grain: one row for each active learner and resource touched. key: learner_id, resource_id
create view analytics.learner_resource as
select
    totals.learner_id,
    totals.resource_id,
    totals.module_id,
    totals.team_id,
    totals.title,
    totals.duration_seconds,
    totals.watch_time_seconds,
    totals.covered_seconds,
    totals.covered_percent,
    totals.is_completed,
    totals.completed_at,
    stamp.computed_at
from learner_resource_totals as totals
cross join analytics_stamp as stamp;

comment on view analytics.learner_resource is
'Each resource that an active learner touched: time and coverage, as of computed_at.';
comment on column analytics.learner_resource.learner_id is 'The learner; key with resource_id.';
comment on column analytics.learner_resource.resource_id is 'The resource; key with learner_id.';
comment on column analytics.learner_resource.module_id is 'The module of the resource.';
comment on column analytics.learner_resource.team_id is 'The learner''s team.';
comment on column analytics.learner_resource.title is 'The resource''s title.';
comment on column analytics.learner_resource.duration_seconds is
'Length of a video in seconds; null where it is not known.';
comment on column analytics.learner_resource.watch_time_seconds is
'Seconds of focus, replays counted.';
comment on column analytics.learner_resource.covered_seconds is
'Seconds of the media seen at least once.';
comment on column analytics.learner_resource.covered_percent is
'covered_seconds in percent of the duration, one decimal; null where it is not known.';
comment on column analytics.learner_resource.is_completed is
'Claimed complete, or a video seen to 95 percent.';
comment on column analytics.learner_resource.completed_at is 'When that happened.';
comment on column analytics.learner_resource.computed_at is 'When this row was computed.';
