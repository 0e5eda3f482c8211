-- grain: one row for each anomaly of an active learner. key: learner_id, code, detected_on
create view analytics.learner_anomaly as
select
    totals.learner_id,
    totals.team_id,
    totals.username,
    totals.full_name,
    'engagement_drop' as code,
    'Focus fell suddenly' as label,
    base.day as detected_on,
    totals.drop_evidence as evidence,
    stamp.computed_at
from learner_totals as totals
cross join analytics_base as base
cross join analytics_stamp as stamp
where totals.is_dropped
union all
select
    totals.learner_id,
    totals.team_id,
    totals.username,
    totals.full_name,
    'implausible_focus',
    'More focus than a day can hold',
    day.day,
    jsonb_build_object(
        'focus_hours', round(day.focus_seconds / 3600.0, 1),
        'limit_hours', policy.implausible_focus_hours,
        'session_count', day.session_count
    ),
    stamp.computed_at
from learner_days as days
inner join learner_totals as totals on days.learner_id = totals.learner_id
cross join policy_in_force as policy
cross join analytics_stamp as stamp
cross join
    unnest(days.days, days.session_counts, days.focus_seconds)
        as day (day, session_count, focus_seconds)
where
    days.is_implausible
    and day.focus_seconds > policy.implausible_focus_hours * 3600;

comment on view analytics.learner_anomaly is
'What is out of the ordinary for each active learner, with the figures it was judged by, as of
computed_at.';
comment on column analytics.learner_anomaly.learner_id is
'The learner; with code and detected_on the key of this view.';
comment on column analytics.learner_anomaly.team_id is 'The learner''s team.';
comment on column analytics.learner_anomaly.username is 'The name the learner signs in with.';
comment on column analytics.learner_anomaly.full_name is 'First and last name; may be empty.';
comment on column analytics.learner_anomaly.code is
'engagement_drop: the last 7 UTC days against the learner''s own four weeks before;
implausible_focus: a UTC day with more hours of focus than the policy holds possible.';
comment on column analytics.learner_anomaly.label is 'The code in words.';
comment on column analytics.learner_anomaly.detected_on is
'Of a drop the last of the seven days, else the day itself.';
comment on column analytics.learner_anomaly.evidence is
'JSON object with the figures that the anomaly was judged by.';
comment on column analytics.learner_anomaly.computed_at is 'When this row was computed.';
