-- One pulse, as the product records it: `classroom.py` in pgbench's words.
-- Variables: run, id_time, clients, share, first_step, serial (counted on from here).
\set serial :serial + 1
\set turn :serial % 100000000000
\set lane 100 + :client_id
\set learner 1 + :client_id + :clients * (:turn % :share)
\set step :first_step + :turn / :share + :learner * 70 % 4000
\set resource :step / 40 % 100 + 1
\set module (:resource - 1) / 5 + 1
\set second :step % 40 * 15
\set watched :second + 15
\set start :second * 1000
\set stop :watched * 1000
\set completed :step % 40 = 39
select *
from
    public.tracking_record_pulses(
        :learner,
        now(),
        interval '1800 s',
        0.95,
        (
            '[{"index": 0, "pulse_id": "' || :id_time::text || '-7' || :run::text
            || '-8' || :lane::text || '-' || :serial::text
            || '", "module_id": ' || :module::text
            || ', "resource_id": ' || :resource::text
            || ', "duration_delta": 15, "watch_time": ' || :watched::text
            || ', "completed": ' || :completed::text
            || ', "played": "{[' || :start::text || ',' || :stop::text
            || ')}", "is_clamped": false, "clock_offset_seconds": null, "trace": "t' || :step::text
            || '", "digest": "\\x00000000000000000000' || :serial::text
            || '", "occurred_at": "' || now() || '"}]'
        )::json
    );
