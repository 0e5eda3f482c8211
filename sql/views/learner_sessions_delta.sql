-- grain:   one row for each touched learner with a session
-- key:     learner_id
-- sources: touched_learner, learner_sessions_base, changed_sessions
-- tier:    delta, after touched_learner
-- The base's elements of the days before the first that may have changed, then what the days from
-- there on have now: what a learner did before costs no more than to copy it.
select
    touched.learner_id,
    base.days[:kept.elements] || coalesce(changed.days, '{}') as days,
    base.module_ids[:kept.elements] || coalesce(changed.module_ids, '{}') as module_ids,
    base.session_counts[:kept.elements] || coalesce(changed.session_counts, '{}')
        as session_counts,
    base.focus_seconds[:kept.elements] || coalesce(changed.focus_seconds, '{}') as focus_seconds,
    base.first_sessions_at[:kept.elements] || coalesce(changed.first_sessions_at, '{}')
        as first_sessions_at,
    base.last_learnings_at[:kept.elements] || coalesce(changed.last_learnings_at, '{}')
        as last_learnings_at,
    case when kept.elements > 0 then base.earlier_days else 0 end
    + coalesce(changed.earlier_days, 0) as earlier_days
from touched_learner as touched
left join learner_sessions_base as base on touched.learner_id = base.learner_id
left join changed_sessions as changed on touched.learner_id = changed.learner_id
cross join
    lateral (
        -- Of so many elements the day is not after the one before.
        select coalesce(width_bucket(touched.sessions_since - 1, base.days), 0) as elements
    ) as kept
where kept.elements > 0 or changed.learner_id is not null
