-- The role of people and tools that read schema `analytics` with SQL: pulseboard_reader.
--
-- It cannot sign in; it is granted to roles that can. Run by `manage.py deploy`. Where the role
-- that deploys may not create roles, one that may runs this once, in the product's database:
--     psql -f sql/roles.sql
-- May be repeated; what is in order is left alone. The limits below are set for pulseboard_reader
-- where it has no others: it is where a DBA changes them. The roles it was granted to get the same
-- ones, in this database alone, as PostgreSQL looks only at the role that signs in.
-- What a session may lift by itself is said in docs/operations.md, under "Readers with SQL".
do $$
begin
    if to_regrole('pulseboard_reader') is null then
        create role pulseboard_reader nologin;
    end if;
exception
    when duplicate_object or unique_violation then
        null;  -- another deploy was faster
    when insufficient_privilege then
        raise warning 'Role pulseboard_reader does not exist and % may not create it. Have a role '
            'that may create roles run sql/roles.sql in this database, and deploy again; until '
            'then nobody but the owner reads schema analytics.', current_user;
end
$$;

do $$
declare
    reader constant regrole := to_regrole('pulseboard_reader');
    connections constant integer := 5;
    here constant oid := (select oid from pg_database where datname = current_database());
    member record;
    parameter record;
    refused text[] := '{}';
begin
    if reader is null then
        return;
    end if;
    for member in
        select
            role.oid,
            role.rolname,
            role.rolconnlimit,
            role.oid = reader as is_group
        from pg_roles as role
        where
            role.oid = reader
            or (
                role.rolcanlogin
                and not role.rolsuper
                and role.rolname <> current_user
                and role.oid <> (select datdba from pg_database where oid = here)
                and pg_has_role(role.oid, reader, 'member')
            )
        order by role.oid <> reader, role.rolname
    loop
        for parameter in
            with found as (
                select
                    setting.setrole,
                    split_part(pair, '=', 1) as name,
                    substr(pair, strpos(pair, '=') + 1) as value
                from pg_db_role_setting as setting
                cross join unnest(setting.setconfig) as pair
                where setting.setdatabase = here
            )

            select
                standard.name,
                coalesce(of_group.value, standard.value) as value
            from (
                values
                    ('statement_timeout', '60s'),
                    ('transaction_timeout', '10min'),
                    ('idle_in_transaction_session_timeout', '60s'),
                    ('idle_session_timeout', '1h'),
                    ('lock_timeout', '5s'),
                    ('temp_file_limit', '1GB'),
                    ('default_transaction_read_only', 'on')
            ) as standard (name, value)
            -- transaction_timeout came with PostgreSQL 17.
            inner join pg_settings as known on standard.name = known.name
            left join found as of_group
                on standard.name = of_group.name and of_group.setrole = reader
            left join found as of_member
                on standard.name = of_member.name and of_member.setrole = member.oid
            where
                of_member.value is null
                or of_member.value <> coalesce(of_group.value, standard.value)
        loop
            begin
                execute format(
                    'alter role %I in database %I set %I = %L',
                    member.rolname, current_database(), parameter.name, parameter.value
                );
            exception
                when insufficient_privilege then
                    refused := refused || format('%s of %s', parameter.name, member.rolname);
            end;
        end loop;
        if member.rolconnlimit = -1 then
            begin
                execute format('alter role %I connection limit %s', member.rolname, connections);
            exception
                when insufficient_privilege then
                    refused := refused || format('connection limit of %s', member.rolname);
            end;
        end if;
    end loop;
    if refused <> '{}' then
        raise warning 'Limits that % may not set: %. Have a superuser, or a role that administers '
            'these, run sql/roles.sql in this database.',
            current_user, array_to_string(refused, ', ');
    end if;
end
$$;
