-- Every view of schema analytics and every column of each, with their comments, in order.
select
    relation.relname as view_name,
    attribute.attname as column_name,
    format_type(attribute.atttypid, attribute.atttypmod) as type_name,
    coalesce(obj_description(relation.oid, 'pg_class'), '') as view_comment,
    coalesce(col_description(relation.oid, attribute.attnum), '') as column_comment
from pg_class as relation
inner join pg_attribute as attribute
    on relation.oid = attribute.attrelid and attribute.attnum > 0 and not attribute.attisdropped
where
    relation.relnamespace = to_regnamespace('analytics')
    and relation.relkind in ('r', 'p', 'v', 'm', 'f')
order by relation.relname, attribute.attnum
