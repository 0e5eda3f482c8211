-- The only writer of the audit log: appends one entry, now, and returns its id. Call it last in a
-- transaction, and keep that short: appenders take turns from here until each commits, and whoever
-- waits for nothing after this can be part of no deadlock. `learner` is null for what is about no
-- single learner. A reader may call it with synchronous_commit off: an entry is then lost in a
-- crash with all that follow it, never alone.
--
-- Runs with the rights of its owner, so that a role may append that may not write to the table;
-- which roles may, they have to be granted.
create or replace function public.audit_record(
    actor bigint, action text, learner bigint, detail jsonb, request_id text
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    entry public.analytics_auditentry;
    previous public.analytics_auditentry;
begin
    -- One lock of the database for all appenders; the number means nothing else. Ids come from the
    -- entry before, under the lock, and from no sequence: a transaction that is rolled back leaves
    -- no gap. The statement that follows sees what the holder before has committed.
    perform pg_advisory_xact_lock(7091842630171);
    select * into previous
    from public.analytics_auditentry as latest
    order by latest.id desc
    limit 1;

    entry.id := coalesce(previous.id, 0) + 1;
    entry.at := clock_timestamp();
    entry.actor_id := audit_record.actor;
    entry.actor := coalesce(
        (select person.username from public.tracking_user as person where person.id = actor), ''
    );
    entry.action := audit_record.action;
    entry.learner_id := audit_record.learner;
    entry.learner := coalesce(
        (select person.username from public.tracking_user as person where person.id = learner), ''
    );
    entry.request_id := coalesce(audit_record.request_id, '');
    entry.detail := coalesce(audit_record.detail, '{}');
    entry.hash := public.audit_hash(
        coalesce(previous.hash, decode(repeat('00', 32), 'hex')),
        entry.id,
        entry.at,
        entry.actor_id,
        entry.actor,
        entry.action,
        entry.learner_id,
        entry.learner,
        entry.request_id,
        entry.detail
    );
    insert into public.analytics_auditentry select entry.*;
    return entry.id;
end;
$$;

revoke execute on function public.audit_record(bigint, text, bigint, jsonb, text) from public;
