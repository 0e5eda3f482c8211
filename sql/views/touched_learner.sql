-- grain:   one row for each user whose data may differ from what the bases hold
-- key:     learner_id
-- sources: analytics_touched, analytics_base
-- tier:    delta, before all others
-- The bases hold what the last writer of a learner wrote if their snapshot saw that writer's
-- transaction, and then they hold all before it: sql/functions/touch_owner.sql. Somebody who is no
-- learner any more stands here too, and has no row in any delta: that takes the base's row away.
select touched.learner_id
from analytics_touched as touched
cross join analytics_base as base
where
    touched.learner_id <> 0
    and not pg_visible_in_snapshot(touched.touched_xid, base.snapshot)
