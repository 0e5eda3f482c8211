-- Of 100 learners 3 never came, 32 were here within 24 hours, 20 within 72, the others longer ago;
-- 40 do little, 4 are done with everything.
with drawn as (
    select
        number as id,
        bench.share(number, 1) as class,
        bench.share(number, 2) as ago,
        bench.share(number, 3) as diligence
    from generate_series(1, %(learners)s::bigint) as number
),

placed as (
    select
        id,
        diligence,
        case
            when class < 0.03 then null
            when class < 0.35 then interval '1 minute' + ago * interval '23.9 hours'
            when class < 0.55 then interval '24 hours' + ago * interval '48 hours'
            else interval '72 hours' + ago * ago * interval '60 days'
        end as lag
    from drawn
)

insert into bench.learner (id, team_id, latest_at, span, is_diligent, is_finished)
select
    id,
    %(first_team)s::bigint + (id - 1) / %(team_size)s,
    %(zero)s::timestamptz - lag,
    interval '120 days' - coalesce(lag, interval '0'),
    diligence >= 0.4,
    diligence >= 0.96 and lag is not null
from placed;
