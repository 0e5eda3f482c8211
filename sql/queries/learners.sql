-- Learners in scope with their stamp and how many there are in all, in one statement: one row for
-- each learner of the page, or a single one without a learner. No row before the first refresh.
-- Parameters: team_ids, null for all; search, a part of the names taken as it stands, risk_level
-- and status, null for all; ordering, a column below; is_descending; row_limit, null for all;
-- row_offset.
-- Whose turn it is and how many there are come from the same rows: kept, as they would else be
-- worked out for each.
with learner as materialized (
    select
        learner_id as id,
        case %(ordering)s
            when 'username' then username
            when 'full_name' then full_name
        end as text_key,
        case when %(is_descending)s then -1 else 1 end
        * case %(ordering)s
            when 'id' then learner_id
            when 'engagement_score' then engagement_score
            when 'modules_completed' then modules_completed
            when 'modules_in_progress' then modules_in_progress
            when 'total_focus_mins' then total_focus_mins
            when 'last_active' then extract(epoch from last_active_at)
            when 'team_id' then team_id
            when 'risk_level'
                then case risk_level when 'High' then 2 when 'Medium' then 1 else 0 end
            when 'status'
                then
                    case status
                        when 'active' then 3 when 'idle' then 2 when 'inactive' then 1 else 0
                    end
        end as number_key
    from analytics.learner_snapshot
    where
        (%(team_ids)s::bigint[] is null or team_id = any(%(team_ids)s::bigint[]))
        and (
            %(search)s::text is null
            or strpos(lower(username), lower(%(search)s)) > 0
            or strpos(lower(full_name), lower(%(search)s)) > 0
        )
        and (%(risk_level)s::text is null or risk_level = %(risk_level)s)
        and (%(status)s::text is null or status = %(status)s)
),

-- First whose turn it is, and then what is shown of them: a score is worked out when it is read,
-- and most orders do not need it of all learners.
page as (
    select
        id,
        number_key,
        case when not %(is_descending)s then text_key end as rising_key,
        case when %(is_descending)s then text_key end as falling_key
    from learner
    order by
        rising_key asc nulls last, falling_key desc nulls last, number_key asc nulls last, id asc
    limit
        %(row_limit)s
        offset
        %(row_offset)s
)

select
    stamp.refresh_id,
    (select count(*) from learner) as total,
    shown.learner_id as id,
    shown.username,
    shown.full_name,
    shown.engagement_score,
    shown.modules_completed,
    shown.modules_in_progress,
    shown.total_focus_mins,
    shown.last_active_at as last_active,
    shown.risk_level,
    shown.status,
    shown.team_id,
    stamp.computed_at
from analytics_stamp as stamp
left join page on true
left join lateral (
    select *
    from analytics.learner_snapshot
    where learner_id = page.id
    order by learner_id asc
    -- There is one; because it is said, each is looked up by its key.
    limit 1
) as shown on true
order by
    page.rising_key asc nulls last,
    page.falling_key desc nulls last,
    page.number_key asc nulls last,
    page.id asc;
