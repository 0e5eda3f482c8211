-- rule: pulseboard_reader may write nowhere, and read nothing of the product outside analytics
-- What belongs to an extension is that extension's affair.
with reader as (
    select * from pg_roles
    where rolname = 'pulseboard_reader'
),

relation as (
    select
        found.oid,
        found.relkind,
        found.relnamespace = to_regnamespace('analytics') as is_contract
    from pg_class as found
    inner join pg_namespace as schema on found.relnamespace = schema.oid
    where
        found.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and schema.nspname <> 'information_schema'
        and schema.nspname not like 'pg\_%'
        and not exists (
            select from pg_depend as dependency
            where
                dependency.classid = 'pg_class'::regclass
                and found.oid = dependency.objid
                and dependency.deptype = 'e'
        )
)

select format('pulseboard_reader is %s', attribute.name) as fault
from reader
cross join
    lateral (
        values
        ('a superuser', reader.rolsuper),
        ('a role that may create roles', reader.rolcreaterole),
        ('a role that may create databases', reader.rolcreatedb),
        ('a role that may replicate', reader.rolreplication),
        ('a role above row security', reader.rolbypassrls)
    ) as attribute (name, is_held)
where attribute.is_held
union all
select format('pulseboard_reader is a member of %s', membership.roleid::regrole)
from pg_auth_members as membership
inner join reader on membership.member = reader.oid
union all
select
    format(
        'pulseboard_reader may %s %s',
        case when relation.is_contract then 'write to' else 'use' end,
        relation.oid::regclass
    )
from relation
cross join reader
where
    case
        when relation.relkind = 'S'
            then has_sequence_privilege(reader.oid, relation.oid, 'usage, select, update')
        else
            has_table_privilege(
                reader.oid,
                relation.oid,
                'insert, update, delete, truncate, references, trigger'
                || case when relation.is_contract then '' else ', select' end
            )
            or has_any_column_privilege(
                reader.oid,
                relation.oid,
                'insert, update, references'
                || case when relation.is_contract then '' else ', select' end
            )
    end
union all
-- What such a function does, its owner does.
select format('pulseboard_reader may call %s', function.oid::regprocedure)
from pg_proc as function
cross join reader
where
    function.pronamespace in ('public'::regnamespace, to_regnamespace('analytics'))
    and function.prosecdef
    and has_function_privilege(reader.oid, function.oid, 'execute')
    and not exists (
        select from pg_depend as dependency
        where
            dependency.classid = 'pg_proc'::regclass
            and function.oid = dependency.objid
            and dependency.deptype = 'e'
    )
order by fault
