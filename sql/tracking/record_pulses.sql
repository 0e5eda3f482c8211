-- Writes a batch of one learner's pulses and everything that follows from them, exactly once:
-- only a pulse that was inserted here counts. The caller holds the locks of lock_modules.sql.
--
-- Parameters: learner_id, received_at, session_gap (interval), coverage_to_complete (share),
-- and one array a column: pulse_ids, module_ids,
-- resource_ids, duration_deltas, watch_times, completed, played, occurred_at, is_clamped, traces,
-- digests. Returns one row for each pulse of the batch: was_recorded, and the digest under which
-- an earlier pulse of the same id was recorded (null for none that is visible yet).
with incoming as (
    select *
    from
        unnest(
            %(pulse_ids)s::uuid[],
            %(module_ids)s::bigint[],
            %(resource_ids)s::bigint[],
            %(duration_deltas)s::integer[],
            %(watch_times)s::double precision[],
            %(completed)s::boolean[],
            %(played)s::int4multirange[],
            %(occurred_at)s::timestamptz[],
            %(is_clamped)s::boolean[],
            %(traces)s::jsonb[],
            %(digests)s::bytea[]
        ) as incoming (
            pulse_id, module_id, resource_id, duration_delta, watch_time, completed, played,
            occurred_at, is_clamped, trace, digest
        )
),

recorded as (
    insert into tracking_pulse (
        user_id, pulse_id, module_id, resource_id, duration_delta, watch_time, completed, played,
        occurred_at, is_clamped, received_at, trace, digest
    )
    select
        %(learner_id)s::bigint,
        pulse_id,
        module_id,
        resource_id,
        duration_delta,
        watch_time,
        completed,
        played,
        occurred_at,
        is_clamped,
        %(received_at)s::timestamptz,
        trace,
        digest
    from incoming
    order by pulse_id
    on conflict (user_id, pulse_id) do nothing
    returning pulse_id, module_id, resource_id, duration_delta, completed, played, occurred_at
),

-- Resources: time adds up, coverage unites, completion never goes back.

resource_gain as (
    select
        recorded.resource_id,
        resource.duration_seconds,
        sum(recorded.duration_delta) as watch_time_seconds,
        range_agg(recorded.played) as watched,
        min(recorded.occurred_at) filter (where recorded.completed) as claimed_at,
        max(recorded.occurred_at) as latest_at
    from recorded
    inner join tracking_resource as resource on recorded.resource_id = resource.id
    group by recorded.resource_id, resource.duration_seconds
),

resource_after as (
    select
        gain.resource_id,
        gain.watch_time_seconds,
        gain.watched,
        case
            when earlier.completed then earlier.completed_at
            when gain.claimed_at is not null then gain.claimed_at
            when
                public.tracking_covered_ms(
                    coalesce(earlier.watched, '{}'::int4multirange) + gain.watched
                ) >= gain.duration_seconds * 1000 * %(coverage_to_complete)s::numeric
                then gain.latest_at
        end as completed_at
    from resource_gain as gain
    left join tracking_resourceprogress as earlier
        on gain.resource_id = earlier.resource_id and earlier.user_id = %(learner_id)s::bigint
),

resource_written as (
    insert into tracking_resourceprogress as progress (
        user_id, resource_id, watch_time_seconds, watched, completed, completed_at
    )
    select
        %(learner_id)s::bigint,
        resource_id,
        watch_time_seconds,
        watched,
        completed_at is not null,
        completed_at
    from resource_after
    order by resource_id
    on conflict (user_id, resource_id) do update
        set
            watch_time_seconds = progress.watch_time_seconds + excluded.watch_time_seconds,
            watched = progress.watched + excluded.watched,
            completed = excluded.completed,
            completed_at = excluded.completed_at
),

-- Sessions: a session is a maximal run of pulses with no silence longer than the gap, whatever
-- the order in which they arrive. So a late pulse may open, extend, or join sessions.

session_reach as (
    select
        module_id,
        min(occurred_at) - %(session_gap)s::interval as reach_from,
        max(occurred_at) + %(session_gap)s::interval as reach_to
    from recorded
    group by module_id
),

session_part as (
    select
        module_id,
        null::bigint as session_id,
        occurred_at as start_time,
        occurred_at as last_pulse_at,
        duration_delta::bigint as focus_duration_seconds
    from recorded
    union all
    select
        session.module_id,
        session.id,
        session.start_time,
        coalesce(session.last_pulse_at, session.start_time),
        session.focus_duration_seconds
    from tracking_learningsession as session
    inner join session_reach as reach on session.module_id = reach.module_id
    where
        session.user_id = %(learner_id)s::bigint
        and session.start_time <= reach.reach_to
        and coalesce(session.last_pulse_at, session.start_time) >= reach.reach_from
),

session_part_with_silence as (
    select
        *,
        start_time - max(last_pulse_at) over (
            partition by module_id
            order by start_time, last_pulse_at
            rows between unbounded preceding and 1 preceding
        ) as silence
    from session_part
),

session_part_in_run as (
    select
        *,
        count(*) filter (where silence > %(session_gap)s::interval) over (
            partition by module_id
            order by start_time, last_pulse_at
        ) as run
    from session_part_with_silence
),

session_run as (
    select
        module_id,
        min(session_id) as kept_id,
        array_agg(session_id) filter (where session_id is not null) as session_ids,
        min(start_time) as start_time,
        max(last_pulse_at) as last_pulse_at,
        sum(focus_duration_seconds) as focus_duration_seconds
    from session_part_in_run
    group by module_id, run
    -- A run without a new pulse is an old session that nothing happened to.
    having bool_or(session_id is null)
),

session_opened as (
    insert into tracking_learningsession (
        user_id, module_id, start_time, last_pulse_at, focus_duration_seconds
    )
    select
        %(learner_id)s::bigint,
        module_id,
        start_time,
        last_pulse_at,
        focus_duration_seconds
    from session_run
    where kept_id is null
),

session_extended as (
    update tracking_learningsession as session
    set
        start_time = run.start_time,
        last_pulse_at = run.last_pulse_at,
        focus_duration_seconds = run.focus_duration_seconds
    from session_run as run
    where session.id = run.kept_id
),

session_joined as (
    delete from tracking_learningsession as session
    using session_run as run
    where session.id = any(run.session_ids) and session.id <> run.kept_id
),

-- Modules: the first activity starts them; the last access never moves back.

module_written as (
    update tracking_moduleprogress as progress
    set
        status = case
            when progress.status = 'not_started' then 'in_progress' else progress.status
        end,
        last_accessed = greatest(progress.last_accessed, latest.occurred_at)
    from (
        select
            module_id,
            max(occurred_at) as occurred_at
        from recorded
        group by module_id
    ) as latest
    where
        progress.user_id = %(learner_id)s::bigint
        and progress.module_id = latest.module_id
)

select
    incoming.pulse_id,
    recorded.pulse_id is not null as was_recorded,
    earlier.digest as earlier_digest
from incoming
left join recorded on incoming.pulse_id = recorded.pulse_id
left join tracking_pulse as earlier
    on incoming.pulse_id = earlier.pulse_id and earlier.user_id = %(learner_id)s::bigint;
