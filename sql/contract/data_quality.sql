-- grain: one row for each check of the data's quality. key: check_name
create view analytics.data_quality as
select distinct on (latest.name)
    latest.name as check_name,
    latest.status,
    latest.value,
    latest.detail,
    latest.checked_at
from analytics_qualitycheck as latest
order by latest.name asc, latest.checked_at desc, latest.id desc;

comment on view analytics.data_quality is
'How each check of the data''s quality came out the last time.';
comment on column analytics.data_quality.check_name is
'reconciliation: the views against the same figures worked out from the raw tables by another way;
key of this view.';
comment on column analytics.data_quality.status is
'ok; fail: something is wrong; unknown: it could not be told.';
comment on column analytics.data_quality.value is 'How many figures were wrong.';
comment on column analytics.data_quality.detail is
'JSON object: as of when, how much was compared and passed over, the first mismatches.';
comment on column analytics.data_quality.checked_at is
'When it was checked. Long ago: the checks do not run.';
