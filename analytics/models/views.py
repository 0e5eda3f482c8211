"""The internal views: one or more classes for each file of `sql/views/`.

The library keeps their definitions, order and indexes; `analytics.refresh` refreshes them.

What is kept per learner comes in three from one file. The *base* holds all learners and is
refreshed rarely; the *delta* holds, computed anew in every refresh, who was touched since the
base was; the plain view of the file's own name lays the one over the other.
docs/decisions/0050-base-and-delta.md says why.
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django_pgviews.view import MaterializedView, View, ViewMeta

from config.sql import read_sql

EVERY_LEARNER = "analytics.EveryLearner"
TOUCHED_LEARNER = "analytics.TouchedLearner"
TOUCHED_WORK = "analytics.TouchedWork"
POLICY_IN_FORCE = "analytics.PolicyInForce"
SESSIONS_BASE = "analytics.LearnerSessionsBase"
SESSIONS_DELTA = "analytics.LearnerSessionsDelta"

OVERLAY = """
select delta.*
from {name}_delta as delta
union all
select base.*
from {name}_base as base
where
    not exists (
        select from {touched} as touched where touched.learner_id = base.learner_id
    )
"""


class PolicyInForce(MaterializedView):
    sql = read_sql("views/policy_in_force")
    concurrent_index = "id"
    with_data = False

    id = models.SmallIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "policy_in_force"


class EveryLearner(View):
    sql = read_sql("views/every_learner")

    learner_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "every_learner"


class LearnerSessionsBase(MaterializedView):
    sql = read_sql("views/learner_sessions").replace("chosen_learner", "every_learner")
    dependencies = [EVERY_LEARNER]
    concurrent_index = "learner_id"
    with_data = False

    learner_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "learner_sessions_base"


class TouchedLearner(MaterializedView):
    sql = read_sql("views/touched_learner")
    dependencies = [SESSIONS_BASE]
    concurrent_index = "learner_id"
    with_data = False

    learner_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "touched_learner"


class TouchedWork(View):
    sql = read_sql("views/touched_work")
    dependencies = [TOUCHED_LEARNER]

    learner_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "touched_work"


CHOSEN_VIEWS = {
    EVERY_LEARNER: "every_learner",
    TOUCHED_LEARNER: "touched_learner",
    TOUCHED_WORK: "touched_work",
}


class ChangedSessions(View):
    sql = read_sql("views/learner_sessions").replace("chosen_learner", "touched_learner")
    dependencies = [TOUCHED_LEARNER]

    learner_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "changed_sessions"


class LearnerSessionsDelta(MaterializedView):
    sql = read_sql("views/learner_sessions_delta")
    dependencies = [TOUCHED_LEARNER, SESSIONS_BASE, "analytics.ChangedSessions"]
    concurrent_index = "learner_id"
    with_data = False

    learner_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "learner_sessions_delta"


class _OfChosenLearners:
    """The columns of a per-learner view by which rows are found, the key first, and its indexes."""

    def __init__(
        self,
        name: str,
        key: str,
        columns: "dict[str, models.Field[Any, Any]]",
        indexes: "dict[str, dict[str, Any]] | None" = None,
        *,
        touched: str = TOUCHED_LEARNER,
    ) -> None:
        self.name = name
        self.key = key
        self.columns = columns
        self.indexes = indexes or {}
        self.class_name = "".join(part.capitalize() for part in name.split("_"))
        self.base = self._materialized("base", EVERY_LEARNER)
        self.delta = self._materialized("delta", touched)
        self.overlay = self._class(
            View,
            self.class_name,
            self.name,
            sql=OVERLAY.format(name=name, touched=CHOSEN_VIEWS[touched]),
            dependencies=[
                f"analytics.{self.class_name}Base",
                f"analytics.{self.class_name}Delta",
                touched,
            ],
        )

    def _materialized(self, tier: str, chosen: str) -> type[MaterializedView]:
        sessions = SESSIONS_BASE if tier == "base" else SESSIONS_DELTA
        sql = read_sql(f"views/{self.name}")
        return self._class(
            MaterializedView,
            f"{self.class_name}{tier.capitalize()}",
            f"{self.name}_{tier}",
            sql=sql.replace("chosen_learner", CHOSEN_VIEWS[chosen]).replace(
                "chosen_sessions", f"learner_sessions_{tier}"
            ),
            dependencies=[chosen, sessions, POLICY_IN_FORCE],
            concurrent_index=self.key,
            with_data=False,
            indexes=[
                models.Index(name=f"{name}_{tier}", **options)
                for name, options in self.indexes.items()
            ],
        )

    def _class(
        self,
        kind: type[Any],
        class_name: str,
        table: str,
        indexes: "list[models.Index] | None" = None,
        **attributes: Any,
    ) -> type[Any]:
        meta = {"managed": False, "db_table": table, "indexes": indexes or []}
        columns = {name: field.clone() for name, field in self.columns.items()}
        made: type[Any] = ViewMeta(  # type: ignore[no-untyped-call]
            class_name,
            (kind,),
            {"__module__": __name__, "Meta": type("Meta", (), meta), **columns, **attributes},
        )
        return made


OF_LEARNERS = (
    _OfChosenLearners(
        "learner_totals",
        "learner_id",
        {
            "learner_id": models.BigIntegerField(primary_key=True),
            "team_id": models.BigIntegerField(),
            "username": models.TextField(),
            "is_dropped": models.BooleanField(),
        },
        {
            "totals_by_team": {"fields": ["team_id"]},
            "totals_dropped": {"fields": ["learner_id"], "condition": Q(is_dropped=True)},
        },
    ),
    _OfChosenLearners(
        "learner_module_totals",
        "learner_id, module_id",
        {"learner_id": models.BigIntegerField(primary_key=True)},
    ),
    _OfChosenLearners(
        "learner_resource_totals",
        "learner_id, resource_id",
        {"learner_id": models.BigIntegerField(primary_key=True)},
    ),
    _OfChosenLearners(
        "learner_attempt_totals",
        "attempt_id",
        {
            "attempt_id": models.BigIntegerField(primary_key=True),
            "learner_id": models.BigIntegerField(),
        },
        {"attempts_by_learner": {"fields": ["learner_id"]}},
        touched=TOUCHED_WORK,
    ),
    _OfChosenLearners(
        "learner_assignment_totals",
        "assignment_id",
        {
            "assignment_id": models.BigIntegerField(primary_key=True),
            "learner_id": models.BigIntegerField(),
        },
        {"work_by_learner": {"fields": ["learner_id"]}},
        touched=TOUCHED_WORK,
    ),
    _OfChosenLearners(
        "learner_days",
        "learner_id",
        {
            "learner_id": models.BigIntegerField(primary_key=True),
            "is_implausible": models.BooleanField(),
        },
        {
            "days_implausible": {
                "fields": ["learner_id"],
                "condition": Q(is_implausible=True),
            }
        },
    ),
)


class TeamDayBase(MaterializedView):
    sql = read_sql("views/team_day_base")
    dependencies = ["analytics.LearnerDaysBase"]
    concurrent_index = "team_id, day"
    with_data = False

    team_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "team_day_base"


class TeamDayDelta(MaterializedView):
    sql = read_sql("views/team_day_delta")
    dependencies = ["analytics.LearnerDays"]
    concurrent_index = "team_id, day"
    with_data = False

    team_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "team_day_delta"


class TeamDayTotals(View):
    sql = read_sql("views/team_day_totals")
    dependencies = ["analytics.TeamDayBase", "analytics.TeamDayDelta"]

    team_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "team_day_totals"


class LearnerScores(View):
    sql = read_sql("views/learner_scores")
    dependencies = ["analytics.LearnerTotals", "analytics.PolicyInForce"]

    learner_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "learner_scores"


class TeamTotals(MaterializedView):
    sql = read_sql("views/team_totals")
    dependencies = ["analytics.LearnerScores", "analytics.TeamDayTotals"]
    concurrent_index = "team_id"
    with_data = False

    team_id = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "team_totals"


# Each after what it reads.
BASE_VIEWS: tuple[type[MaterializedView], ...] = (
    PolicyInForce,
    LearnerSessionsBase,
    *(view.base for view in OF_LEARNERS),
    TeamDayBase,
)
DELTA_VIEWS: tuple[type[MaterializedView], ...] = (
    TouchedLearner,
    LearnerSessionsDelta,
    *(view.delta for view in OF_LEARNERS),
    TeamDayDelta,
    TeamTotals,
)
MATERIALIZED_VIEWS = BASE_VIEWS + DELTA_VIEWS

INTERNAL_VIEWS: tuple[type[View], ...] = (
    *MATERIALIZED_VIEWS,
    EveryLearner,
    TouchedWork,
    ChangedSessions,
    *(view.overlay for view in OF_LEARNERS),
    TeamDayTotals,
    LearnerScores,
)
