update tracking_resourceprogress
set
    watch_time_seconds = watch_time_seconds + 15,
    watched = watched + int4multirange(int4range(0, 15000))
where
    user_id between %(first)s and %(last)s
    and (user_id + %(shift)s) %% 100 < %(percent)s
    and resource_id = 2 * (user_id %% %(modules)s) + 1;
