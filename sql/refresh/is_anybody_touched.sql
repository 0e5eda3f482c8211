-- Whether anything was written that the refresh before this one did not see. If not, the deltas are
-- what they would be. Parameter: earlier_snapshot, what that refresh saw; null without one.
select
    %(earlier_snapshot)s::pg_snapshot is null
    or exists (
        select from analytics_touched as touched
        where not pg_visible_in_snapshot(touched.touched_xid, %(earlier_snapshot)s::pg_snapshot)
    ) as is_anybody_touched;
