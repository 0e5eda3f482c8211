-- What the role that deploys may not be able to change, and its owner should know.
with reader as (
    select * from pg_roles
    where rolname = 'pulseboard_reader'
),

deployer as (
    select * from pg_roles
    where rolname = current_user
),

open_door as (
    select
        'create tables in schema public' as act,
        has_schema_privilege(reader.oid, 'public', 'create') as is_open
    from reader
    union all
    select
        'make temporary tables',
        has_database_privilege(reader.oid, current_database(), 'temporary')
    from reader
    union all
    select
        'make large objects',
        bool_or(has_function_privilege(reader.oid, function.oid, 'execute'))
    from reader
    cross join pg_proc as function
    where
        function.pronamespace = 'pg_catalog'::regnamespace
        and function.proname in ('lo_creat', 'lo_create', 'lo_from_bytea')
    union all
    select
        'take advisory locks, such as that of the audit log',
        bool_or(has_function_privilege(reader.oid, function.oid, 'execute'))
    from reader
    cross join pg_proc as function
    where
        function.pronamespace = 'pg_catalog'::regnamespace
        and function.proname ~ '^pg_(try_)?advisory_(xact_)?lock'
)

select
    format(
        'Readers may %s: everybody may in this database, and %s may not change that.',
        string_agg(open_door.act, ', '),
        current_user
    )
from open_door
where open_door.is_open
having count(*) > 0
union all
select
    format(
        'Sessions of readers that are over their limits are not ended: for that the worker''s role'
        ' needs `grant pg_signal_backend, pg_read_all_stats to %I`.',
        current_user
    )
from reader
cross join deployer
where
    not deployer.rolsuper
    and not (
        pg_has_role(deployer.oid, 'pg_signal_backend', 'usage')
        and pg_has_role(deployer.oid, 'pg_read_all_stats', 'usage')
    )
