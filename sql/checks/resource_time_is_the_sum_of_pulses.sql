-- rule:  The seconds that a learner has on a resource are the sum of the learner's pulses there.
-- grain: one row for each learner and resource that differs; actual is null without progress.
-- do:    The evidence stands and the counter is wrong: find what wrote it besides
--        sql/functions/record_pulses.sql, then set it to what is expected.
select
    part.learner_id,
    part.resource_id,
    coalesce(sum(part.expected), 0)::bigint as expected_seconds,
    sum(part.actual)::bigint as actual_seconds
from (
    select
        evidence.learner_id,
        evidence.resource_id,
        evidence.seconds as expected,
        null::bigint as actual
    from public.tracking_evidence_of_learning() as evidence
    inner join tracking_user as learner on evidence.learner_id = learner.id
    inner join tracking_resource as resource on evidence.resource_id = resource.id
    union all
    select
        user_id,
        resource_id,
        null,
        watch_time_seconds
    from tracking_resourceprogress
) as part
group by part.learner_id, part.resource_id
having coalesce(sum(part.expected), 0) is distinct from sum(part.actual)
