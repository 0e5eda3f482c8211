-- How old the figures are, and their base. One row; none before the first refresh.
select
    age_seconds,
    extract(epoch from clock_timestamp() - base_computed_at)::double precision as base_age_seconds
from analytics.refresh_status
