-- rule:  The focus of a learner's sessions in a module is the sum of the learner's pulses there,
--        also of those on resources that were deleted since.
-- grain: one row for each learner and module that differs; actual is null without a session.
-- do:    The evidence stands and the sessions are wrong: find what wrote them besides
--        sql/functions/record_pulses.sql. A session that was entered by hand has no evidence, and
--        managers should not be shown its hours.
select
    part.learner_id,
    part.module_id,
    coalesce(sum(part.expected), 0)::bigint as expected_seconds,
    sum(part.actual)::bigint as actual_seconds
from (
    select
        evidence.learner_id,
        evidence.module_id,
        evidence.seconds as expected,
        null::bigint as actual
    from public.tracking_evidence_of_learning() as evidence
    inner join tracking_user as learner on evidence.learner_id = learner.id
    inner join tracking_module as module on evidence.module_id = module.id
    union all
    select
        user_id,
        module_id,
        null,
        focus_duration_seconds
    from tracking_learningsession
) as part
group by part.learner_id, part.module_id
having coalesce(sum(part.expected), 0) is distinct from sum(part.actual)
