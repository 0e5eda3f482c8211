-- Says what the bases will show, before they are refreshed in the same transaction: they read the
-- day from here.
insert into analytics_base (
    id, refresh_id, computed_at, day, snapshot, system_identifier, policy, learner_count
)
select
    1,
    stamp.refresh_id,
    stamp.computed_at,
    (stamp.computed_at at time zone 'UTC')::date,
    pg_snapshot(stamp.snapshot),
    control.system_identifier,
    to_jsonb(policy.*),
    (select count(*) from every_learner)
from analytics_stamp as stamp
cross join pg_control_system() as control
cross join analytics_policy as policy
on conflict (id) do update
    set
        refresh_id = excluded.refresh_id,
        computed_at = excluded.computed_at,
        day = excluded.day,
        snapshot = excluded.snapshot,
        system_identifier = excluded.system_identifier,
        policy = excluded.policy,
        learner_count = excluded.learner_count;
