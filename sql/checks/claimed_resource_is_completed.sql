-- rule:  A resource whose completion was claimed is completed, and nothing takes that back.
-- grain: one row for each learner and resource with a claim and no completion.
-- do:    The completion was taken back besides the product: complete it at the time of the claim.
select
    evidence.learner_id,
    evidence.resource_id,
    min(evidence.claimed_at) as expected_at,
    max(progress.completed_at) as actual_at
from public.tracking_evidence_of_learning() as evidence
inner join tracking_user as learner on evidence.learner_id = learner.id
inner join tracking_resource as resource on evidence.resource_id = resource.id
left join tracking_resourceprogress as progress
    on evidence.learner_id = progress.user_id and evidence.resource_id = progress.resource_id
where evidence.claimed_at is not null
group by evidence.learner_id, evidence.resource_id
having bool_and(progress.completed) is not true
