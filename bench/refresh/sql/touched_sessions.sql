-- The next pulse in the open session.
update tracking_learningsession
set
    focus_duration_seconds = focus_duration_seconds + 15,
    last_pulse_at = now()
where
    user_id between %(first)s and %(last)s
    and (user_id + %(shift)s) %% 100 < %(percent)s
    and module_id = 1 + user_id %% %(modules)s
    and start_time >= now() - interval '1 day'
    and last_pulse_at >= now() - interval '30 minutes';
