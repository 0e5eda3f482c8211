-- rule:  A resource was completed by a pulse, at its time: by one that claims the completion, or by
--        one after which enough was covered.
-- grain: one row for each completed resource without such a pulse.
-- do:    The completion was not written by sql/functions/record_pulses.sql: find out what did.
-- How much is enough is a setting that may have changed, and so may the length: any coverage will
-- do. In a subtotal the pulse is one between the first and the last.
select
    progress.user_id as learner_id,
    progress.resource_id,
    progress.completed_at,
    progress.covered_ms
from tracking_resourceprogress as progress
where
    progress.completed
    and not exists (
        select from public.tracking_evidence_of_learning() as evidence
        where
            progress.user_id = evidence.learner_id
            and progress.resource_id = evidence.resource_id
            and progress.completed_at between evidence.first_at and evidence.last_at
            and (progress.covered_ms > 0 or progress.completed_at >= evidence.claimed_at)
    )
