-- grain: one row for each active learner. key: learner_id
create view analytics.learner_risk as
select
    scores.learner_id,
    scores.team_id,
    scores.username,
    scores.risk_level,
    scores.risk_points,
    scores.is_insufficient_data,
    scores.is_finished,
    factor.factors,
    scores.computed_at
from learner_scores as scores
cross join lateral (
    select
        coalesce(
            jsonb_agg(
                jsonb_build_object(
                    'code', found.code,
                    'label', found.label,
                    'points', found.points,
                    'evidence', found.evidence
                )
                order by found.points desc, found.code asc
            ),
            '[]'::jsonb
        ) as factors
    from (
        select
            scores.status as code,
            case scores.status
                when 'inactive' then 'No activity for more than 72 hours'
                else 'No activity for more than 24 hours'
            end as label,
            scores.status_points as points,
            jsonb_build_object(
                'last_active',
                to_char(
                    scores.last_active_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
                )
            ) as evidence
        where scores.status_points > 0
        union all
        select
            'low_engagement',
            'Engagement is low',
            scores.low_engagement_points,
            jsonb_build_object('engagement_score', scores.engagement_score)
        where scores.low_engagement_points > 0
        union all
        select
            'overdue_assignment',
            'An assignment is overdue',
            scores.overdue_points,
            jsonb_build_object(
                'overdue_count',
                (
                    select count(*)
                    from unnest(scores.open_due_at) as due (at)
                    where due.at < scores.computed_at
                ),
                'first_due_at',
                to_char(
                    scores.open_due_at[1] at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
                )
            )
        where scores.overdue_points > 0
        union all
        select
            'failing_quizzes',
            'Several quizzes are failed and not yet passed',
            scores.failing_quizzes_points,
            jsonb_build_object('failing_quiz_count', scores.failing_quiz_count)
        where scores.failing_quizzes_points > 0
        union all
        select
            'engagement_drop',
            'Focus fell suddenly',
            scores.drop_points,
            scores.drop_evidence
        where scores.drop_points > 0
        union all
        select
            'never_started',
            'Work is assigned and nothing was begun',
            scores.never_started_points,
            jsonb_build_object(
                'modules_total', scores.modules_total,
                'assignment_count', scores.assignment_count
            )
        where scores.never_started_points > 0
    ) as found
    -- A learner who is done, or of whom nothing is known, is never flagged.
    where not scores.is_finished and not scores.is_insufficient_data
) as factor;

comment on view analytics.learner_risk is
'Each active learner''s risk with the factors behind it, as of computed_at.';
comment on column analytics.learner_risk.learner_id is 'The learner; key of this view.';
comment on column analytics.learner_risk.team_id is 'The learner''s team.';
comment on column analytics.learner_risk.username is 'The name the learner signs in with.';
comment on column analytics.learner_risk.risk_level is
'High, Medium or Low, by the policy''s thresholds; At Risk is at least Medium.';
comment on column analytics.learner_risk.risk_points is 'Sum of the points of the factors.';
comment on column analytics.learner_risk.is_insufficient_data is
'Nothing assigned and no activity: the level is a default, not a judgement.';
comment on column analytics.learner_risk.is_finished is
'Every module completed and every assignment submitted: never flagged.';
comment on column analytics.learner_risk.factors is
'JSON array of code, label, points and evidence, most points first.';
comment on column analytics.learner_risk.computed_at is 'When this row was computed.';
