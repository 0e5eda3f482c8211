"""The owner's say in the formulas: one row that the views read and admins edit."""

from decimal import Decimal

from django.db import models
from django.db.models import Q


def _points(default: int, help_text: str) -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(
        max_digits=6, decimal_places=2, default=Decimal(default), help_text=help_text
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

    inactive_risk = _points(40, "Risk points for inactive.")
    idle_risk = _points(15, "Risk points for idle.")
    low_engagement_risk = _points(25, "Risk points for low engagement.")
    overdue_assignment_risk = _points(20, "Risk points for an overdue assignment.")
    failing_quizzes_risk = _points(15, "Risk points for failing quizzes.")
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
        ]

    def __str__(self) -> str:
        return "Policy"
