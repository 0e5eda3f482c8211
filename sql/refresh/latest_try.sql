-- How many seconds ago the latest refresh began or ended, whatever became of it; null without any.
-- One row.
select
    (
        select extract(epoch from clock_timestamp() - greatest(run.started_at, run.finished_at))
        from analytics_refreshrun as run
        order by run.started_at desc
        limit 1
    )::double precision as seconds_ago;
