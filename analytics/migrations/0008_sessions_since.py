"""The ledger of touched learners tells what of theirs may have changed."""

import datetime as dt

from django.db import migrations, models

from analytics.view_operations import DeleteView, RegisterView
from config.sql import read_sql

EVENTS = {
    "insert": "new table as new_rows",
    "update": "old table as old_rows new table as new_rows",
    "delete": "old table as old_rows",
}


def triggers_call(function: str) -> list[str]:
    return [
        f"create or replace trigger touch_on_{event} after {event} on tracking_learningsession"
        f" referencing {written_rows}"
        f" for each statement execute function public.analytics_{function}()"
        for event, written_rows in EVENTS.items()
    ]


FORWARD = [
    "alter table analytics_touched"
    " add column if not exists sessions_since date not null default '0001-01-01',"
    " add column if not exists is_work_touched boolean not null default true",
    "set local check_function_bodies = off",
    *(read_sql(f"functions/{name}") for name in ("touch_all", "touch_owner", "touch_session")),
    *triggers_call("touch_session"),
    # What was noted before does not tell: the next refresh computes all.
    "delete from analytics_base",
]
# The columns stay, as the functions name them until those of the earlier version are in their place.
BACKWARD = [*triggers_call("touch_owner"), "drop function public.analytics_touch_session()"]


def of_learners(name: str, table: str, key: str) -> migrations.CreateModel:
    return migrations.CreateModel(
        name=name,
        fields=[(key, models.BigIntegerField(primary_key=True, serialize=False))],
        options={"db_table": table, "managed": False},
    )


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0007_policy_limits"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(sql=FORWARD, reverse_sql=BACKWARD)],
            state_operations=[
                migrations.AddField(
                    model_name="touched",
                    name="sessions_since",
                    field=models.DateField(db_default=dt.date.min),
                ),
                migrations.AddField(
                    model_name="touched",
                    name="is_work_touched",
                    field=models.BooleanField(db_default=True),
                ),
            ],
        ),
        of_learners("LearnerSessionsBase", "learner_sessions_base", "learner_id"),
        of_learners("ChangedSessions", "changed_sessions", "learner_id"),
        of_learners("LearnerSessionsDelta", "learner_sessions_delta", "learner_id"),
        of_learners("TouchedWork", "touched_work", "learner_id"),
        of_learners("TeamDayDelta", "team_day_delta", "team_id"),
        RegisterView("LearnerSessionsBase", True, "learner_sessions_base"),
        RegisterView("ChangedSessions", False, "changed_sessions"),
        RegisterView("LearnerSessionsDelta", True, "learner_sessions_delta"),
        RegisterView("TouchedWork", False, "touched_work"),
        RegisterView("TeamDayDelta", True, "team_day_delta"),
        DeleteView("TeamDayTotals", True, "team_day_totals"),
        RegisterView("TeamDayTotals", False, "team_day_totals"),
    ]
