-- How many learners were written to since the refresh. One row.
select count(*) as passed_over
from analytics_touched as touched
cross join analytics_stamp as stamp
where
    touched.learner_id > 0
    and not pg_visible_in_snapshot(touched.touched_xid, stamp.snapshot);
