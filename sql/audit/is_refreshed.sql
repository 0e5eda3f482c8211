-- Whether managers are shown anything: the views are there, and a refresh has filled them.
select count(*) = 3 and exists (select from analytics_stamp) as is_refreshed
from pg_matviews
where ispopulated and matviewname in (
    'learner_totals_base', 'touched_learner', 'policy_in_force'
);
