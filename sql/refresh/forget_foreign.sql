-- After a restore into another cluster: takes from the ledger of touched learners the numbers that
-- no transaction of this cluster can have had yet. The base that is due then holds what they stand
-- for; left alone they would count as touched, by every refresh, until this cluster gets as far. It
-- does nothing, and reads nothing of the ledger, while the base is of this cluster.
delete from analytics_touched as touched
where
    not exists (
        select from analytics_base as base
        cross join pg_control_system() as control
        where
            base.system_identifier = control.system_identifier
            and pg_snapshot_xmax(base.snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
    )
    and touched.touched_xid >= pg_snapshot_xmax(pg_current_snapshot());
