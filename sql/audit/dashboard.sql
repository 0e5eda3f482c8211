-- What managers are shown of one learner; no row for somebody whom they are not shown. Only to be
-- asked when the views are filled: sql/audit/is_refreshed.sql. Parameter: learner_id.
select
    snapshot.computed_at,
    snapshot.status,
    totals.focus_seconds::bigint as focus_seconds,
    snapshot.total_focus_mins,
    snapshot.modules_total,
    snapshot.modules_completed,
    snapshot.modules_in_progress,
    snapshot.last_active_at
from analytics.learner_snapshot as snapshot
inner join learner_totals as totals on snapshot.learner_id = totals.learner_id
where snapshot.learner_id = %(learner_id)s;
