-- The learners to compare, in the tables or in the views: all whom nobody has written to since the
-- refresh, or a random sample of them. Parameter: sample (how many; null for all).
select learner.learner_id
from (
    select every_learner.learner_id from every_learner
    union
    select learner_totals.learner_id from learner_totals
) as learner
cross join analytics_stamp as stamp
left join analytics_touched as touched on learner.learner_id = touched.learner_id
where
    touched.learner_id is null
    or pg_visible_in_snapshot(touched.touched_xid, stamp.snapshot)
order by
    case
        when %(sample)s::bigint is null then learner.learner_id::double precision else random()
    end
limit %(sample)s::bigint;
