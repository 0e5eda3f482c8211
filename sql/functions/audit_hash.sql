-- The hash of an entry of the audit log: sha256 over the hash of the entry before and the canonical
-- form of this one. That form is two lines of UTF-8: all members but the detail as a JSON array,
-- the time as microseconds since 1970, and the detail as PostgreSQL prints it. It depends on no
-- setting of the session. `manage.py verify_audit` works it out by itself, in Python.
create or replace function public.audit_hash(
    previous bytea,
    id bigint,
    at timestamptz,
    actor_id bigint,
    actor text,
    action text,
    learner_id bigint,
    learner text,
    request_id text,
    detail jsonb
)
returns bytea
language sql
stable
return sha256(
    previous
    || convert_to(
        jsonb_build_array(
            id,
            (extract(epoch from at) * 1000000)::bigint,
            actor_id,
            actor,
            action,
            learner_id,
            learner,
            request_id
        )::text
        || E'\n'
        || detail::text,
        'UTF8'
    )
);
