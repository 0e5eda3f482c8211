"""The internal views: one class for each file of `sql/views/`.

The library keeps their definitions, order and indexes; `analytics.refresh` refreshes them.
"""

from django.db import models
from django_pgviews.view import MaterializedView, View

from config.sql import read_sql


class PolicyInForce(MaterializedView):
    sql = read_sql("views/policy_in_force")
    concurrent_index = "id"
    with_data = False

    id = models.SmallIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "policy_in_force"


class LearnerTotals(MaterializedView):
    sql = read_sql("views/learner_totals")
    concurrent_index = "learner_id"
    with_data = False

    learner_id = models.BigIntegerField(primary_key=True)
    team_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "learner_totals"
        indexes = [models.Index(fields=["team_id"], name="learner_totals_team")]


class LearnerModuleTotals(MaterializedView):
    sql = read_sql("views/learner_module_totals")
    concurrent_index = "learner_id, module_id"
    with_data = False

    learner_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "learner_module_totals"


class LearnerResourceTotals(MaterializedView):
    sql = read_sql("views/learner_resource_totals")
    concurrent_index = "learner_id, resource_id"
    with_data = False

    learner_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "learner_resource_totals"


class LearnerAttemptTotals(MaterializedView):
    sql = read_sql("views/learner_attempt_totals")
    concurrent_index = "attempt_id"
    with_data = False

    attempt_id = models.BigIntegerField(primary_key=True)
    learner_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "learner_attempt_totals"
        indexes = [models.Index(fields=["learner_id"], name="learner_attempt_learner")]


class LearnerAssignmentTotals(MaterializedView):
    sql = read_sql("views/learner_assignment_totals")
    concurrent_index = "assignment_id"
    with_data = False

    assignment_id = models.BigIntegerField(primary_key=True)
    learner_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "learner_assignment_totals"
        indexes = [models.Index(fields=["learner_id"], name="learner_assignment_learner")]


class LearnerScores(View):
    sql = read_sql("views/learner_scores")
    dependencies = ["analytics.LearnerTotals", "analytics.PolicyInForce"]

    learner_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "learner_scores"


class TeamTotals(MaterializedView):
    sql = read_sql("views/team_totals")
    dependencies = ["analytics.LearnerScores"]
    concurrent_index = "team_id"
    with_data = False

    team_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "team_totals"


# Each after what it reads.
MATERIALIZED_VIEWS: tuple[type[MaterializedView], ...] = (
    PolicyInForce,
    LearnerTotals,
    LearnerModuleTotals,
    LearnerResourceTotals,
    LearnerAttemptTotals,
    LearnerAssignmentTotals,
    TeamTotals,
)
