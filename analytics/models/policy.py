"""The owner's say in the formulas: one row that the views read and admins edit."""

from decimal import Decimal

from django.db import models
from django.db.models import Q


def _points(default: int, help_text: str) -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(
        max_digits=6, decimal_places=2, default=Decimal(default), help_text=help_text
    )


# A factor of negative points would take from the sum and could not be shown; none of 0 is one.
NEVER_NEGATIVE = (
    "focus_points",
    "completion_points",
    "accuracy_points",
    "consistency_points",
    "drop_z",
    "inactive_risk",
    "idle_risk",
    "low_engagement_risk",
    "overdue_assignment_risk",
    "failing_quizzes_risk",
    "engagement_drop_risk",
    "never_started_risk",
)


class Policy(models.Model):
    """Weights of the engagement score, and thresholds and points of the risk."""

    id = models.SmallIntegerField(primary_key=True, default=1)

    focus_divisor = models.DecimalField(
        max_digits=6,
        decimal_places=2,
        default=Decimal(10),
        help_text="Minutes of focus for one point of engagement.",
    )
    focus_points = _points(40, "Most points for focus.")
    completion_points = _points(30, "Points when every module is completed.")
    accuracy_points = _points(20, "Points at a mean quiz score of 100 percent.")
    consistency_divisor = models.DecimalField(
        max_digits=6,
        decimal_places=2,
        default=Decimal(7),
        help_text="Active days for one point of engagement.",
    )
    consistency_points = _points(10, "Most points for consistency.")

    low_engagement = _points(50, "Engagement below this is low.")
    failing_quizzes = models.PositiveSmallIntegerField(
        default=2, help_text="As many failed and not yet passed quizzes are a risk factor."
    )

    drop_percent = _points(50, "A fall of the last week's focus by as much is sudden.")
    drop_z = _points(2, "And it lies as many robust deviations below the usual week.")
    drop_active_weeks = models.PositiveSmallIntegerField(
        default=2, help_text="Of the four weeks before, as many must have been active ones."
    )
    drop_active_minutes = models.PositiveIntegerField(
        default=30, help_text="A week with as many minutes of focus is an active one."
    )
    implausible_focus_hours = _points(24, "More hours of focus in one UTC day are implausible.")

    inactive_risk = _points(40, "Risk points for inactive.")
    idle_risk = _points(15, "Risk points for idle.")
    low_engagement_risk = _points(25, "Risk points for low engagement.")
    overdue_assignment_risk = _points(20, "Risk points for an overdue assignment.")
    failing_quizzes_risk = _points(15, "Risk points for failing quizzes.")
    engagement_drop_risk = _points(20, "Risk points for a sudden drop of engagement.")
    never_started_risk = _points(30, "Risk points for assigned work and no activity at all.")
    medium_risk = _points(30, "The risk is medium from here on.")
    high_risk = _points(60, "The risk is high from here on.")

    class Meta:
        db_table = "analytics_policy"
        verbose_name_plural = "policy"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="policy_is_one_row"),
            models.CheckConstraint(
                condition=Q(focus_divisor__gt=0, consistency_divisor__gt=0),
                name="policy_divisors_are_positive",
            ),
            models.CheckConstraint(
                condition=Q(high_risk__gte=models.F("medium_risk")),
                name="policy_high_above_medium",
            ),
            models.CheckConstraint(
                condition=Q(drop_percent__gt=0, drop_percent__lte=100),
                name="policy_drop_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=Q(drop_active_weeks__gte=1, drop_active_weeks__lte=4),
                name="policy_drop_of_four_weeks",
            ),
            models.CheckConstraint(
                condition=Q(implausible_focus_hours__gt=0),
                name="policy_implausible_hours_are_positive",
            ),
            models.CheckConstraint(
                condition=Q(**{f"{name}__gte": 0 for name in NEVER_NEGATIVE}),
                name="policy_points_are_not_negative",
                violation_error_message="Points, and how far a fall has to be out, are 0 or more.",
            ),
            models.CheckConstraint(
                condition=Q(failing_quizzes__gte=1, medium_risk__gt=0),
                name="policy_risk_has_a_reason",
                violation_error_message="A risk needs a reason: failing quizzes from 1, medium risk"
                " above 0.",
            ),
        ]

    def __str__(self) -> str:
        return "Policy"
