-- What each view took and holds, in the refresh that the figures are of.
select
    view.value ->> 'view' as view_name,
    (view.value ->> 'milliseconds')::double precision / 1000 as seconds,
    (view.value ->> 'rows')::double precision as rows
from analytics_stamp as stamp
inner join analytics_refreshrun as run on stamp.refresh_id = run.id
cross join lateral jsonb_array_elements(run.views) as view
