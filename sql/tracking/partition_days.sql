-- The days that have a partition of their own in the ledger, in order. Parameter: ledger.
select to_date(right(partition.relname, 10), 'YYYY_MM_DD') as day
from pg_inherits as inheritance
inner join pg_class as partition on inheritance.inhrelid = partition.oid
where
    inheritance.inhparent = %(ledger)s::regclass
    and partition.relname ~ '_[0-9]{4}_[0-9]{2}_[0-9]{2}$'
order by day;
