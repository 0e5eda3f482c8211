-- How each check of the data's quality came out the last time.
select
    check_name,
    status,
    value::double precision as mismatches,
    extract(epoch from clock_timestamp() - checked_at)::double precision as age_seconds
from analytics.data_quality
