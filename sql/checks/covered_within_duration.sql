-- rule:  Nobody has seen more of a resource than its known length, unless pulses say so that were
--        received when the length was greater, or not known yet.
-- grain: one row for each learner and resource with coverage beyond the length that no pulse has;
--        in milliseconds of the medium.
-- do:    The coverage was not written by sql/functions/record_pulses.sql: set it to the union of
--        the pulses.
-- Each pulse is cut to the length that is known when it is received, and is never cut again. So a
-- video that is shortened, or whose length is entered later, leaves coverage beyond its length that
-- is as right as it was before; what managers see of it is at most 100 %.
with beyond as (
    select
        progress.user_id as learner_id,
        progress.resource_id,
        resource.duration_seconds * 1000 as length_ms,
        progress.covered_ms,
        progress.watched
        * int4multirange(int4range(resource.duration_seconds * 1000, null)) as watched_beyond
    from tracking_resourceprogress as progress
    inner join tracking_resource as resource on progress.resource_id = resource.id
    where upper(progress.watched) > resource.duration_seconds * 1000
)

select
    beyond.learner_id,
    beyond.resource_id,
    beyond.length_ms as expected_at_most_ms,
    beyond.covered_ms as actual_ms,
    beyond.watched_beyond - proved.played as unproved_ms
from beyond
cross join
    lateral (
        select coalesce(range_agg(evidence.played), '{}') as played
        from public.tracking_evidence_of_learning() as evidence
        where
            beyond.learner_id = evidence.learner_id
            and beyond.resource_id = evidence.resource_id
    ) as proved
where not beyond.watched_beyond <@ proved.played
