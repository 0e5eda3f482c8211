-- grain: one row; none before the first refresh
create view analytics.refresh_status as
select
    stamp.refresh_id,
    stamp.computed_at,
    greatest(extract(epoch from clock_timestamp() - stamp.computed_at), 0)::double precision
        as age_seconds,
    base.computed_at as base_computed_at,
    latest.started_at as latest_run_started_at,
    latest.tier as latest_run_tier,
    latest.status as latest_run_status,
    latest.error as latest_run_error
from analytics_stamp as stamp
left join analytics_base as base on true
left join lateral (
    select
        run.started_at,
        run.tier,
        run.status,
        run.error
    from analytics_refreshrun as run
    order by run.id desc
    limit 1
) as latest on true;

comment on view analytics.refresh_status is
'How old the figures of this schema are, and how the latest refresh went.';
comment on column analytics.refresh_status.refresh_id is
'The refresh that computed what the views show.';
comment on column analytics.refresh_status.computed_at is 'When it took its snapshot.';
comment on column analytics.refresh_status.age_seconds is
'Seconds since computed_at, by the database''s clock.';
comment on column analytics.refresh_status.latest_run_started_at is
'When the latest run started, whatever became of it.';
comment on column analytics.refresh_status.base_computed_at is
'When all learners were last computed anew; since then only those who were touched.';
comment on column analytics.refresh_status.latest_run_tier is
'base: all learners were computed; delta: those touched since; empty if it had not looked yet.';
comment on column analytics.refresh_status.latest_run_status is
'running, done, skipped or failed.';
comment on column analytics.refresh_status.latest_run_error is 'Why it failed; else empty.';
