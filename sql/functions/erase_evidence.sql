-- A learner who is deleted takes the ledger along. The ledger has no foreign keys: making and
-- dropping its partitions would lock the tables they refer to.
create or replace function public.tracking_erase_evidence()
returns trigger
language plpgsql
as $$
begin
    delete from public.tracking_pulse where user_id = old.id;
    delete from public.tracking_sealedpulses where user_id = old.id;
    return null;
end;
$$;
