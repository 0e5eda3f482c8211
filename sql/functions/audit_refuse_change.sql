-- The audit log is only ever added to. This holds for its owner as well: who has to change it has
-- to disable the trigger first, and `manage.py verify_audit` tells.
create or replace function public.audit_refuse_change()
returns trigger
language plpgsql
as $$
begin
    raise exception 'the audit log is append-only: % is refused', tg_op
        using errcode = 'insufficient_privilege';
end;
$$;
