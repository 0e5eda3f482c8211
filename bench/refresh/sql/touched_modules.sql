update tracking_moduleprogress
set
    status = case when status = 'not_started' then 'in_progress' else status end,
    last_accessed = now()
where
    user_id between %(first)s and %(last)s
    and (user_id + %(shift)s) %% 100 < %(percent)s
    and module_id = 1 + user_id %% %(modules)s;
