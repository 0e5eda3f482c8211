-- Takes from the ledger of touched learners those who are gone, and modules that were edited, once
-- the bases know it.
delete from analytics_touched as touched
using analytics_base as base
where
    touched.learner_id <> 0
    and pg_visible_in_snapshot(touched.touched_xid, base.snapshot)
    and not exists (
        select from tracking_user as account
        where account.id = touched.learner_id
    );
