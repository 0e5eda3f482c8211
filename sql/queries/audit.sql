-- Entries of the audit log, the newest first, and how many there are in all: one row for each of
-- the page, or a single one without an entry. Parameters, each null for all: reader, whose own
-- entries alone may be seen; actor; action; learner; since, and until, which is not within;
-- row_limit; row_offset.
with entry as not materialized (
    select *
    from analytics_auditentry
    where
        (%(reader)s::bigint is null or actor_id = %(reader)s)
        and (%(actor)s::bigint is null or actor_id = %(actor)s)
        and (%(action)s::text is null or action = %(action)s)
        and (%(learner)s::bigint is null or learner_id = %(learner)s)
        and (%(since)s::timestamptz is null or at >= %(since)s)
        and (%(until)s::timestamptz is null or at < %(until)s)
),

page as (
    select *
    from entry
    order by id desc
    limit
        %(row_limit)s
        offset
        %(row_offset)s
)

select
    page.id,
    page.at,
    page.actor_id,
    page.actor,
    page.action,
    page.learner_id,
    page.detail::json as detail,
    page.request_id,
    counted.total
from (select count(*) as total from entry) as counted
left join page on true
order by page.id desc;
