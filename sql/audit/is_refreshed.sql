-- Whether managers are shown anything: the views are there, and a refresh has filled them.
select count(*) = 2 and exists (select from analytics_stamp) as is_refreshed
from pg_matviews
where ispopulated and matviewname in ('learner_totals', 'policy_in_force');
