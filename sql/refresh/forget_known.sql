-- Takes from the ledger of touched learners those of whom the bases hold everything, and modules
-- that were edited before them; so few at a time that nobody waits long who is about to be noted.
-- Whoever is being noted stays.
-- Parameter: most.
with known as materialized (
    select touched.learner_id
    from analytics_touched as touched
    inner join analytics_base as base
        on pg_visible_in_snapshot(touched.touched_xid, base.snapshot)
    order by touched.learner_id
    limit %(most)s
    for update of touched skip locked
)

delete from analytics_touched as touched
using known
where touched.learner_id = known.learner_id;
