-- What is out of the ordinary with learners in scope, with the stamp and how many there are in
-- all: one row for each anomaly of the page, the newest first, or a single one without any. No row
-- before the first refresh. Parameters: team_ids, code and learner, null for all; row_limit;
-- row_offset.
with anomaly as not materialized (
    select *
    from analytics.learner_anomaly
    where
        (%(team_ids)s::bigint[] is null or team_id = any(%(team_ids)s::bigint[]))
        and (%(code)s::text is null or code = %(code)s)
        and (%(learner)s::bigint is null or learner_id = %(learner)s)
),

page as (
    select *
    from anomaly
    order by detected_on desc, learner_id asc, code asc
    limit
        %(row_limit)s
        offset %(row_offset)s
)

select
    stamp.refresh_id,
    (select count(*) from anomaly) as total,
    page.learner_id,
    page.username,
    page.full_name,
    page.code,
    page.label,
    page.detected_on,
    page.evidence::json as evidence,
    stamp.computed_at
from analytics_stamp as stamp
left join page on true
order by page.detected_on desc, page.learner_id asc, page.code asc;
