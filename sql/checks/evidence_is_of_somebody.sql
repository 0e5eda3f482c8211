-- rule:  A learner who is deleted takes all evidence along.
-- grain: one row for each user id that has evidence and no user.
-- do:    Delete it from tracking_pulse and tracking_sealedpulses, and see that the trigger
--        erase_evidence is still on tracking_user.
select
    evidence.learner_id,
    sum(evidence.pulses)::bigint as actual_pulses,
    sum(evidence.seconds)::bigint as actual_seconds
from public.tracking_evidence_of_learning() as evidence
where
    not exists (
        select from tracking_user as learner
        where evidence.learner_id = learner.id
    )
group by evidence.learner_id
