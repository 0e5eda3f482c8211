-- Every resource with anything of one learner, in order, and what its pulses come to: seconds, and
-- media in milliseconds. One that was deleted has no title, and no counters any more.
-- Parameter: learner_id.
with evidence as (
    select
        resource_id,
        max(module_id) as module_id,
        coalesce(sum(seconds) filter (where pulse_id is not null), 0)::bigint as ledger_seconds,
        coalesce(sum(seconds) filter (where pulse_id is null), 0)::bigint as sealed_seconds,
        range_agg(played) as played
    from public.tracking_evidence_of_learning()
    where learner_id = %(learner_id)s
    group by resource_id
),

touched as (
    select resource_id from evidence
    union
    select resource_id from tracking_resourceprogress
    where user_id = %(learner_id)s
),

resource as (
    select
        touched.resource_id,
        coalesce(resource.module_id, evidence.module_id) as module_id,
        resource.title,
        coalesce(evidence.ledger_seconds, 0) as ledger_seconds,
        coalesce(evidence.sealed_seconds, 0) as sealed_seconds,
        coalesce(evidence.played, '{}') as played,
        coalesce(progress.watch_time_seconds, 0) as watch_time_seconds,
        coalesce(progress.watched, '{}') as watched,
        progress.completed_at
    from touched
    left join tracking_resource as resource on touched.resource_id = resource.id
    left join tracking_resourceprogress as progress
        on touched.resource_id = progress.resource_id and progress.user_id = %(learner_id)s
    left join evidence on touched.resource_id = evidence.resource_id
)

select
    resource.*,
    public.tracking_covered_ms(played) as played_ms,
    public.tracking_covered_ms(watched) as covered_ms,
    public.tracking_covered_ms((played - watched) + (watched - played)) as difference_ms
from resource
order by resource_id;
