-- Ends the sessions of readers that are past a limit of pulseboard_reader, whatever they have set
-- for themselves, or that hold an advisory lock; one row for each. PostgreSQL lets every session
-- lift its own time limits.
-- Parameter: grace_seconds, for the session's own limits to come first.
with setting as (
    select
        split_part(pair, '=', 1) as name,
        substr(pair, strpos(pair, '=') + 1) as value
    from pg_db_role_setting as of_role
    inner join pg_database as database on of_role.setdatabase = database.oid
    cross join unnest(of_role.setconfig) as pair
    where
        of_role.setrole = to_regrole('pulseboard_reader')
        and database.datname = current_database()
),

-- A number without a unit is of milliseconds; zero stands for no limit.
time_limit as (
    select
        name,
        case when value ~ '^\d+$' then value || ' milliseconds' else value end::interval
            as longest
    from setting
    where
        name in (
            'statement_timeout',
            'transaction_timeout',
            'idle_in_transaction_session_timeout'
        )
        and value !~ '^0'
),

session as (
    select
        pid,
        usename,
        case time_limit.name
            when 'statement_timeout'
                then case when state = 'active' then query_start end
            when 'transaction_timeout' then xact_start
            else case when state like 'idle in transaction%%' then state_change end
        end as since,
        time_limit.name as limit_name,
        time_limit.longest
    from pg_stat_activity
    cross join time_limit
    where
        datname = current_database()
        and pid <> pg_backend_pid()
        and usename <> current_user
        and backend_type = 'client backend'
        and pg_has_role(usesysid, to_regrole('pulseboard_reader'), 'member')
        and not (
            select role.rolsuper from pg_roles as role
            where role.oid = usesysid
        )
),

overlong as (
    select
        pid,
        usename,
        limit_name,
        since
    from session
    where clock_timestamp() - since > longest + make_interval(secs => %(grace_seconds)s)
    union all
    -- Nothing to read takes such a lock; the audit log waits for one.
    select
        activity.pid,
        activity.usename,
        'advisory lock',
        activity.query_start
    from pg_stat_activity as activity
    where
        activity.datname = current_database()
        and activity.usename <> current_user
        and pg_has_role(activity.usesysid, to_regrole('pulseboard_reader'), 'member')
        and not (
            select role.rolsuper from pg_roles as role
            where role.oid = activity.usesysid
        )
        and exists (
            select from pg_locks as held
            where held.pid = activity.pid and held.locktype = 'advisory'
        )
),

ended as (
    select distinct on (pid) *
    from overlong
    order by pid, since
)

select
    pid,
    usename,
    limit_name,
    extract(epoch from clock_timestamp() - since)::integer as seconds,
    pg_terminate_backend(pid) as is_ended
from ended
