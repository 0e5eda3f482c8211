-- Pulses that were inserted, by partition of the ledger, as PostgreSQL's own statistics count them:
-- rows are not looked at, so that the cost does not grow with them.
select
    statistics.relname as partition,
    statistics.n_tup_ins::double precision as pulses
from pg_inherits as partition
inner join pg_stat_user_tables as statistics on partition.inhrelid = statistics.relid
where
    partition.inhparent = 'tracking_pulse'::regclass
    and statistics.n_tup_ins > 0
