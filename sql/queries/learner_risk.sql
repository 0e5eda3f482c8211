-- One learner's risk with its stamp. Parameters: team_ids, null for all; learner.
-- One row, without an id for a learner outside the scope; none before the first refresh.
select
    stamp.refresh_id,
    risk.learner_id as id,
    risk.username,
    risk.risk_level,
    risk.risk_points,
    risk.factors::json as factors,
    risk.is_insufficient_data as insufficient_data,
    stamp.computed_at
from analytics_stamp as stamp
left join analytics.learner_risk as risk
    on
        risk.learner_id = %(learner)s
        and (%(team_ids)s::bigint[] is null or risk.team_id = any(%(team_ids)s::bigint[]));
