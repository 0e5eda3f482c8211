-- A learner who comes back begins a session: the first pulse.
insert into tracking_learningsession (
    user_id, module_id, start_time, last_pulse_at, focus_duration_seconds
)
select
    learner.id,
    1 + learner.id %% %(modules)s,
    now(),
    now(),
    15
from bench.learner as learner
where
    learner.id between %(first)s and %(last)s
    and (learner.id + %(shift)s) %% 100 < %(percent)s
    and not exists (
        select
        from tracking_learningsession as session
        where
            session.user_id = learner.id
            and session.module_id = 1 + learner.id %% %(modules)s
            and session.last_pulse_at >= now() - interval '30 minutes'
    );
