-- Writes a learner's pulses, if the learner is still the one who was asked for: somebody active,
-- with the same password. Without a password everybody is. No row: it is somebody else by now, and
-- nothing was written. One row, its index null: there was no pulse to write.
select
    recorded.index,
    recorded.outcome,
    recorded.watch_time_seconds,
    recorded.covered_percent::double precision as covered_percent,
    recorded.is_completed,
    recorded.module_status,
    recorded.progress_percent::double precision as progress_percent
from public.tracking_user as learner
left join
    lateral public.tracking_record_pulses(
        learner.id,
        %(received_at)s::timestamptz,
        %(session_gap)s::interval,
        %(coverage_to_complete)s::numeric,
        %(pulses)s::json
    ) as recorded
    on true
where
    learner.id = %(learner_id)s::bigint
    and (
        %(password)s::text is null
        or (learner.is_active and learner.password = %(password)s::text)
    )
