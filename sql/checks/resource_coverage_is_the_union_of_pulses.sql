-- rule:  What a learner has seen of a resource is the union of what the learner's pulses played.
-- grain: one row for each learner and resource that differs, in milliseconds of the medium; actual
--        is null without progress.
-- do:    The evidence stands and the counter is wrong: find what wrote it besides
--        sql/functions/record_pulses.sql, then set it to what is expected.
select
    part.learner_id,
    part.resource_id,
    coalesce(range_agg(part.expected), '{}') as expected_ms,
    range_agg(part.actual) as actual_ms
from (
    select
        evidence.learner_id,
        evidence.resource_id,
        evidence.played as expected,
        null::int4multirange as actual
    from public.tracking_evidence_of_learning() as evidence
    inner join tracking_user as learner on evidence.learner_id = learner.id
    inner join tracking_resource as resource on evidence.resource_id = resource.id
    union all
    select
        user_id,
        resource_id,
        null,
        watched
    from tracking_resourceprogress
) as part
group by part.learner_id, part.resource_id
having coalesce(range_agg(part.expected), '{}') is distinct from range_agg(part.actual)
