-- What pulseboard_reader may do: select on schema `analytics`, and nothing else of the product's.
--
-- Run by `manage.py deploy` as the owner of the views; `psql -f sql/grants.sql` does the same. May
-- be repeated: it goes by what the catalogue says, and what is in order is left alone. What the
-- role that runs it does not own stays as it is; `deploy` says what remains open.

-- 1. What everybody may do in a new database, and needs for nothing here.
do $$
declare
    item record;
begin
    if
        has_schema_privilege('public', 'public', 'create')
        and pg_has_role((select nspowner from pg_namespace where nspname = 'public'), 'usage')
    then
        revoke create on schema public from public;
    end if;
    if
        has_database_privilege('public', current_database(), 'temporary')
        and pg_has_role(
            (select datdba from pg_database where datname = current_database()), 'usage'
        )
    then
        -- A refresh makes temporary tables: who deploys must not lose that with all others.
        execute format('grant temporary on database %I to current_user', current_database());
        execute format('revoke temporary on database %I from public', current_database());
    end if;
    -- Functions: those of the product's owner that belong to no extension.
    for item in
        select function.oid::regprocedure as name
        from pg_proc as function
        where
            function.pronamespace in ('public'::regnamespace, to_regnamespace('analytics'))
            and pg_has_role(function.proowner, 'usage')
            and has_function_privilege('public', function.oid, 'execute')
            and not exists (
                select from pg_depend as dependency
                where
                    dependency.classid = 'pg_proc'::regclass
                    and dependency.objid = function.oid
                    and dependency.deptype = 'e'
            )
    loop
        execute format('revoke execute on routine %s from public', item.name);
    end loop;
    -- Large objects and messages in the log are writes that ask for no table, and whoever holds the
    -- advisory lock of the audit log keeps managers waiting. The owner of these functions is the
    -- superuser; another role that deploys has to leave them.
    if (select rolsuper from pg_roles where rolname = current_user) then
        for item in
            select function.oid::regprocedure as name
            from pg_proc as function
            where
                function.pronamespace = 'pg_catalog'::regnamespace
                and (
                    function.proname in (
                        'lo_creat', 'lo_create', 'lo_from_bytea', 'pg_logical_emit_message'
                    )
                    or function.proname ~ '^pg_(try_)?advisory_(xact_)?lock'
                )
                and has_function_privilege('public', function.oid, 'execute')
        loop
            execute format('revoke execute on function %s from public', item.name);
        end loop;
    end if;
end
$$;

alter default privileges revoke execute on functions from public;

-- 2. What pulseboard_reader was granted elsewhere in the product, by whomever.
do $$
declare
    item record;
begin
    if to_regrole('pulseboard_reader') is null then
        return;
    end if;
    for item in
        select
            relation.oid::regclass as name,
            case relation.relkind when 'S' then 'sequence' else 'table' end as kind
        from pg_class as relation
        where
            relation.relnamespace = 'public'::regnamespace
            and relation.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
            and pg_has_role(relation.relowner, 'usage')
            and exists (
                select from (
                    select relation.relacl as acl
                    union all
                    select attribute.attacl
                    from pg_attribute as attribute
                    where attribute.attrelid = relation.oid
                ) as granted
                cross join aclexplode(granted.acl) as entry
                where entry.grantee = to_regrole('pulseboard_reader')
            )
    loop
        execute format('revoke all on %s %s from pulseboard_reader', item.kind, item.name);
    end loop;
end
$$;

-- 3. Schema analytics: to read, and only that.
do $$
declare
    item record;
begin
    if to_regrole('pulseboard_reader') is null or to_regnamespace('analytics') is null then
        return;
    end if;
    if not has_database_privilege('pulseboard_reader', current_database(), 'connect') then
        execute format('grant connect on database %I to pulseboard_reader', current_database());
    end if;
    if has_schema_privilege('pulseboard_reader', 'analytics', 'create') then
        revoke create on schema analytics from public, pulseboard_reader;
    end if;
    if not has_schema_privilege('pulseboard_reader', 'analytics', 'usage') then
        grant usage on schema analytics to pulseboard_reader;
    end if;
    for item in
        select relation.oid::regclass as name
        from pg_class as relation
        where
            relation.relnamespace = 'analytics'::regnamespace
            and relation.relkind in ('r', 'p', 'v', 'm', 'f')
            and (
                has_table_privilege(
                    'pulseboard_reader', relation.oid,
                    'insert, update, delete, truncate, references, trigger'
                )
                or has_any_column_privilege(
                    'pulseboard_reader', relation.oid, 'insert, update, references'
                )
                or not has_table_privilege('pulseboard_reader', relation.oid, 'select')
            )
    loop
        execute format('revoke all on %s from public, pulseboard_reader', item.name);
        execute format('grant select on %s to pulseboard_reader', item.name);
    end loop;
    -- PostgreSQL asks the reader, not the owner of a view, for leave to call what the view calls.
    for item in
        with recursive used (relation) as (
            select oid from pg_class
            where relnamespace = 'analytics'::regnamespace and relkind = 'v'
            union
            select source.oid
            from used
            inner join pg_rewrite as rule on used.relation = rule.ev_class
            inner join pg_depend as dependency
                on
                    dependency.classid = 'pg_rewrite'::regclass
                    and rule.oid = dependency.objid
                    and dependency.refclassid = 'pg_class'::regclass
            inner join pg_class as source
                on dependency.refobjid = source.oid and source.relkind = 'v'
        )

        select distinct function.oid::regprocedure as name
        from used
        inner join pg_rewrite as rule on used.relation = rule.ev_class
        inner join pg_depend as dependency
            on
                dependency.classid = 'pg_rewrite'::regclass
                and rule.oid = dependency.objid
                and dependency.refclassid = 'pg_proc'::regclass
        inner join pg_proc as function on dependency.refobjid = function.oid
        where not has_function_privilege('pulseboard_reader', function.oid, 'execute')
    loop
        execute format('grant execute on function %s to pulseboard_reader', item.name);
    end loop;
end
$$;

-- A view that is made anew is readable from its first moment, not only from the next grant.
do $$
begin
    if to_regrole('pulseboard_reader') is not null and to_regnamespace('analytics') is not null then
        alter default privileges in schema analytics grant select on tables to pulseboard_reader;
    end if;
end
$$;
