-- rule: every view of schema analytics, and every column of each, says what it is
select format('%s has no comment', relation.oid::regclass) as fault
from pg_class as relation
where
    relation.relnamespace = to_regnamespace('analytics')
    and relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and obj_description(relation.oid, 'pg_class') is null
union all
select format('%s.%I has no comment', relation.oid::regclass, attribute.attname)
from pg_class as relation
inner join pg_attribute as attribute
    on relation.oid = attribute.attrelid and attribute.attnum > 0 and not attribute.attisdropped
where
    relation.relnamespace = to_regnamespace('analytics')
    and relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and col_description(relation.oid, attribute.attnum) is null
order by fault
