-- Why all learners have to be computed anew, or null: after the stamp, in the same transaction.
-- Parameters: share and fewest, beyond which the touched learners are too many.
select
    case
        when base.id is null then 'there is no base'
        -- The identifier of a cluster that was copied as files is that of the original.
        when
            base.system_identifier <> control.system_identifier
            or pg_snapshot_xmax(base.snapshot) > pg_snapshot_xmax(stamp.snapshot)
            then 'the base is of another cluster'
        when base.policy <> to_jsonb(policy.*) then 'the policy was changed'
        when base.day <> (stamp.computed_at at time zone 'UTC')::date then 'a new day has begun'
        when touched.is_everybody then 'something changed for everybody'
        when touched.learner_count > greatest(base.learner_count * %(share)s, %(fewest)s)
            then touched.learner_count || ' learners were touched'
    end as reason
from analytics_stamp as stamp
cross join pg_control_system() as control
cross join analytics_policy as policy
left join analytics_base as base on true
cross join lateral (
    select
        count(*) filter (where ledger.learner_id > 0) as learner_count,
        coalesce(bool_or(ledger.learner_id = 0), false) as is_everybody
    from analytics_touched as ledger
    where not pg_visible_in_snapshot(ledger.touched_xid, base.snapshot)
) as touched;
