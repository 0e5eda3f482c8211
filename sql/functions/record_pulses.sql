-- Writes a batch of one learner's pulses and everything that follows from them, exactly once: only
-- a pulse whose row was inserted here counts. One call is one transaction and one round trip.
--
-- `pulses` is an array of objects with the members of `incoming` below; `index` numbers them and
-- names each in the result. Times are corrected already, `played` is as the client sent it.
-- Outcomes: `recorded`; `duplicate`, the id stands for this content already; `conflict`, it stands
-- for another; `unknown`, there is no such resource in that module that the learner may see.
-- The standing of resource and module is that after the whole batch.
create or replace function public.tracking_record_pulses(
    learner bigint,
    received timestamptz,
    session_gap interval,
    coverage_to_complete numeric,
    pulses json
)
returns table (
    index integer,
    outcome text,
    watch_time_seconds bigint,
    covered_percent numeric,
    is_completed boolean,
    module_status text,
    progress_percent numeric
)
language plpgsql
-- Plans are kept for each connection, and may be made while the tables are nearly empty: they have
-- to be those of full tables, which look every row up by its key. So there is no reading through,
-- and what is looked up stands in a lateral subquery with an offset, which comes after its key.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
    visible_modules bigint[];
    opened_modules bigint[];
    recorded_ids uuid[];
    visible_count bigint;
    ledger_ids uuid[];
    ledger_digests bytea[];
begin
    select array_agg(distinct incoming.module_id order by incoming.module_id), count(*)
    into visible_modules, visible_count
    from json_to_recordset(pulses) as incoming (module_id bigint, resource_id bigint)
    cross join
        lateral (
            select from public.tracking_resource as resource
            inner join public.tracking_module as module on resource.module_id = module.id
            where
                resource.id = incoming.resource_id
                and resource.module_id = incoming.module_id
                and module.is_published
            offset 0
        ) as resource;

    -- One lock for each learner and module, on a progress row that is made when there is none. All
    -- are made and locked by one statement in the order of the module's id, before anything that
    -- follows from a write is written: two batches of one learner wait for each other and never
    -- deadlock. Statements after the lock see what the other has written.
    if
        exists (
            select from unnest(visible_modules) as wanted (module_id)
            where
                not exists (
                    select from public.tracking_moduleprogress as progress
                    where progress.user_id = learner and progress.module_id = wanted.module_id
                )
        )
    then
        with opened as (
            insert into public.tracking_moduleprogress as progress (user_id, module_id, status)
            select
                learner,
                wanted.module_id,
                'not_started'
            from unnest(visible_modules) as wanted (module_id)
            order by wanted.module_id
            -- Changes nothing, and locks what is there.
            on conflict (user_id, module_id) do update set status = progress.status
                where false
            returning module_id
        )

        select array_agg(module_id) into opened_modules from opened;
    else
        perform from public.tracking_moduleprogress
        where user_id = learner and module_id = any(visible_modules)
        order by module_id
        for update;
    end if;

    with incoming as (
        -- The first pulse of an id in the batch speaks for the id.
        select distinct on (incoming.pulse_id)
            incoming.*,
            resource.duration_seconds,
            case
                when resource.duration_seconds is null then incoming.played
                else
                    incoming.played
                    * int4multirange(int4range(0, resource.duration_seconds * 1000))
            end as clipped
        from
            json_to_recordset(pulses) as incoming (
                index integer,
                pulse_id uuid,
                module_id bigint,
                resource_id bigint,
                duration_delta integer,
                watch_time double precision,
                completed boolean,
                played int4multirange,
                occurred_at timestamptz,
                is_clamped boolean,
                clock_offset_seconds bigint,
                trace jsonb,
                digest bytea
            )
        cross join
            lateral (
                select resource.duration_seconds
                from public.tracking_resource as resource
                where
                    resource.id = incoming.resource_id
                    and resource.module_id = incoming.module_id
                offset 0
            ) as resource
        where incoming.module_id = any(visible_modules)
        order by incoming.pulse_id, incoming.index
    ),

    recorded as (
        insert into public.tracking_pulse (
            user_id, pulse_id, ledger_day, module_id, resource_id, duration_delta, watch_time,
            completed, played, occurred_at, is_clamped, clock_offset_seconds, received_at, trace,
            digest
        )
        select
            learner,
            pulse_id,
            public.tracking_ledger_day(pulse_id),
            module_id,
            resource_id,
            duration_delta,
            watch_time,
            completed,
            clipped,
            occurred_at,
            is_clamped,
            clock_offset_seconds,
            received,
            trace,
            digest
        from incoming
        order by pulse_id
        on conflict (user_id, pulse_id, ledger_day) do nothing
        returning
            pulse_id, module_id, resource_id, duration_delta, completed, played, occurred_at
    ),

    -- Resources: time adds up, coverage unites, completion never goes back.

    resource_gain as (
        select
            resource_id,
            sum(duration_delta) as watch_time_seconds,
            range_agg(played) as watched,
            min(occurred_at) filter (where completed) as claimed_at,
            max(occurred_at) as latest_at
        from recorded
        group by resource_id
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
                    ) >= resource.duration_seconds * 1000 * coverage_to_complete
                    then gain.latest_at
            end as completed_at
        from resource_gain as gain
        cross join
            lateral (
                select resource.duration_seconds
                from public.tracking_resource as resource
                where resource.id = gain.resource_id
                offset 0
            ) as resource
        left join
            lateral (
                select
                    progress.watched,
                    progress.completed,
                    progress.completed_at
                from public.tracking_resourceprogress as progress
                where progress.user_id = learner and progress.resource_id = gain.resource_id
                offset 0
            ) as earlier on true
    ),

    resource_written as (
        insert into public.tracking_resourceprogress as progress (
            user_id, resource_id, watch_time_seconds, watched, completed, completed_at
        )
        select
            learner,
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
            min(occurred_at) - session_gap as reach_from,
            max(occurred_at) + session_gap as reach_to
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
        from session_reach as reach
        cross join
            lateral (
                select
                    session.id,
                    session.module_id,
                    session.start_time,
                    session.last_pulse_at,
                    session.focus_duration_seconds
                from public.tracking_learningsession as session
                where
                    session.user_id = learner
                    and session.module_id = reach.module_id
                    and session.start_time <= reach.reach_to
                    and coalesce(session.last_pulse_at, session.start_time) >= reach.reach_from
                offset 0
            ) as session
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
            count(*) filter (where silence > session_gap) over (
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
        insert into public.tracking_learningsession (
            user_id, module_id, start_time, last_pulse_at, focus_duration_seconds
        )
        select
            learner,
            module_id,
            start_time,
            last_pulse_at,
            focus_duration_seconds
        from session_run
        where kept_id is null
    ),

    session_extended as (
        update public.tracking_learningsession as session
        set (start_time, last_pulse_at, focus_duration_seconds) = (
            select
                run.start_time,
                run.last_pulse_at,
                run.focus_duration_seconds
            from session_run as run
            where run.kept_id = session.id
        )
        where session.id = any(array(select run.kept_id from session_run as run))
    ),

    session_joined as (
        delete from public.tracking_learningsession
        where
            id = any(
                array(
                    select joined.id
                    from session_run as run
                    cross join unnest(run.session_ids) as joined (id)
                    where joined.id <> run.kept_id
                )
            )
    ),

    -- Modules: the first activity starts them; the last access never moves back.

    module_gain as (
        select
            module_id,
            max(occurred_at) as latest_at
        from recorded
        group by module_id
    ),

    module_written as (
        update public.tracking_moduleprogress as progress
        set
            status = case
                when progress.status = 'not_started' then 'in_progress' else progress.status
            end,
            last_accessed = greatest(
                progress.last_accessed,
                (
                    select gain.latest_at from module_gain as gain
                    where gain.module_id = progress.module_id
                )
            )
        where
            progress.user_id = learner
            and progress.module_id = any(array(select gain.module_id from module_gain as gain))
    )

    select array_agg(pulse_id) into recorded_ids from recorded;

    if coalesce(cardinality(recorded_ids), 0) < visible_count then
        -- Some ids stand in the ledger from before, or more than once in the batch. The content
        -- under which they stand tells a retry from another pulse.
        select array_agg(pulse.pulse_id), array_agg(pulse.digest)
        into ledger_ids, ledger_digests
        from (
            select distinct
                pulse_id,
                public.tracking_ledger_day(pulse_id) as ledger_day
            from json_to_recordset(pulses) as incoming (pulse_id uuid)
        ) as incoming
        cross join
            lateral (
                select
                    pulse.pulse_id,
                    pulse.digest
                from public.tracking_pulse as pulse
                where
                    pulse.user_id = learner
                    and pulse.pulse_id = incoming.pulse_id
                    and pulse.ledger_day = incoming.ledger_day
                offset 0
            ) as pulse;

        -- A refused pulse leaves no trace, not even a module that is not started.
        delete from public.tracking_moduleprogress
        where user_id = learner and module_id = any(opened_modules) and status = 'not_started';
    end if;

    return query
    with incoming as (
        select
            incoming.*,
            row_number() over (
                partition by incoming.pulse_id, resource.id is not null order by incoming.index
            ) = 1 as is_first,
            resource.id is not null as is_visible,
            resource.duration_seconds
        from
            json_to_recordset(pulses) as incoming (
                index integer, pulse_id uuid, module_id bigint, resource_id bigint, digest bytea
            )
        left join
            lateral (
                select
                    resource.id,
                    resource.duration_seconds
                from public.tracking_resource as resource
                where
                    resource.id = incoming.resource_id
                    and resource.module_id = incoming.module_id
                    and resource.module_id = any(visible_modules)
                offset 0
            ) as resource on true
    ),

    module as materialized (
        select * from public.tracking_check_completion(learner, visible_modules)
    )

    select
        incoming.index,
        case
            when not incoming.is_visible then 'unknown'
            when ledger_ids is null then 'recorded'
            when incoming.is_first and incoming.pulse_id = any(recorded_ids) then 'recorded'
            when
                ledger_digests[array_position(ledger_ids, incoming.pulse_id)] = incoming.digest
                then 'duplicate'
            else 'conflict'
        end,
        coalesce(progress.watch_time_seconds, 0),
        public.tracking_covered_percent(
            coalesce(progress.covered_ms, 0), incoming.duration_seconds
        ),
        coalesce(progress.completed, false),
        module.status,
        module.progress_percent
    from incoming
    left join
        lateral (
            select
                progress.watch_time_seconds,
                progress.covered_ms,
                progress.completed
            from public.tracking_resourceprogress as progress
            where progress.user_id = learner and progress.resource_id = incoming.resource_id
            offset 0
        ) as progress on true
    left join module on incoming.module_id = module.module_id
    order by incoming.index;
end;
$$;
