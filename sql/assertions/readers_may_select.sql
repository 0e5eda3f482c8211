-- rule: pulseboard_reader may read every view of schema analytics
-- Where the role does not exist there is nobody to read; remarks.sql says so.
select format('pulseboard_reader may not use schema %s', schema.nspname) as fault
from pg_namespace as schema
where
    schema.nspname = 'analytics'
    and not has_schema_privilege(to_regrole('pulseboard_reader'), schema.oid, 'usage')
union all
select format('pulseboard_reader may not read %s', relation.oid::regclass)
from pg_class as relation
where
    relation.relnamespace = to_regnamespace('analytics')
    and relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and not has_table_privilege(to_regrole('pulseboard_reader'), relation.oid, 'select')
order by fault
