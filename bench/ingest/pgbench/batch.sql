-- Fifty pulses of one learner. Their text lies ready, one for each place in the course at which a
-- batch can begin; only what makes their ids new is put in. See `classroom.py` and `ceiling.py`.
-- Variables: clients, share, first_step, serial (counted on from here).
\set serial :serial + 1
\set turn :serial % 100000000000
\set lane 100 + :client_id
\set learner 1 + :client_id + :clients * (:turn % :share)
\set start (:first_step + :turn / :share * 50 + :learner * 70) % 4000
select recorded.*
from
    bench.batch,
    public.tracking_record_pulses(
        :learner,
        now(),
        interval '1800 s',
        0.95,
        replace(batch.pulses, 'LANE-SERIAL', :lane::text || '-' || :serial::text)::json
    ) as recorded
where batch.start = :start;
