-- As of when the views can be held against the raw tables, or why they cannot. One row.
select
    stamp.computed_at,
    case
        when policy.id is null then 'there is no policy: manage.py deploy makes it'
        when stamp.snapshot is null then 'no refresh has finished'
        when
            base.id is null
            or base.system_identifier <> control.system_identifier
            or pg_snapshot_xmax(base.snapshot) > pg_snapshot_xmax(pg_current_snapshot())
            then 'the database is a copy that was not refreshed yet'
        when base.policy <> to_jsonb(policy.*) then 'the policy was changed after the refresh'
        when not pg_visible_in_snapshot(everybody.touched_xid, stamp.snapshot)
            then 'something changed for everybody after the refresh'
    end as why_unknown
from pg_control_system() as control
left join analytics_policy as policy on true
left join analytics_stamp as stamp on true
left join analytics_base as base on true
left join analytics_touched as everybody on everybody.learner_id = 0;
