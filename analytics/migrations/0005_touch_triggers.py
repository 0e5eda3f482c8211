"""Triggers that note in `analytics_touched` whose data a statement wrote, whoever wrote it."""

from django.db import migrations

from config.sql import read_sql

FUNCTIONS = {
    "touch_all": "analytics_touch_all(bigint [])",
    "touch_owner": "analytics_touch_owner()",
    "touch_user": "analytics_touch_user()",
    "touch_submitter": "analytics_touch_submitter()",
    "touch_learners_of_modules": "analytics_touch_learners_of_modules(bigint [])",
    "touch_catalogue": "analytics_touch_catalogue()",
    "touch_everybody": "analytics_touch_everybody()",
}

# Table → the function that knows whose its rows are, and the events that can change a view.
EVERY_EVENT = ("insert", "update", "delete")
TOUCHING = {
    "tracking_user": ("touch_user", EVERY_EVENT),
    "tracking_moduleprogress": ("touch_owner", EVERY_EVENT),
    "tracking_resourceprogress": ("touch_owner", EVERY_EVENT),
    "tracking_learningsession": ("touch_owner", EVERY_EVENT),
    "tracking_quizattempt": ("touch_owner", EVERY_EVENT),
    "tracking_assignment": ("touch_owner", EVERY_EVENT),
    "tracking_submission": ("touch_submitter", EVERY_EVENT),
    "tracking_module": ("touch_catalogue", ("update",)),
    "tracking_resource": ("touch_catalogue", EVERY_EVENT),
    "tracking_quiz": ("touch_catalogue", ("update",)),
}
WRITTEN_ROWS = {
    "insert": "new table as new_rows",
    "update": "old table as old_rows new table as new_rows",
    "delete": "old table as old_rows",
}


def triggers_of(table: str, function: str, events: tuple[str, ...]) -> list[str]:
    return [
        f"create trigger touch_on_{event} after {event} on {table}"
        f" referencing {WRITTEN_ROWS[event]}"
        f" for each statement execute function public.analytics_{function}()"
        for event in events
    ] + [
        f"create trigger touch_on_truncate after truncate on {table}"
        " for each statement execute function public.analytics_touch_everybody()"
    ]


CREATE = [
    "set local check_function_bodies = off",
    *(read_sql(f"functions/{name}") for name in FUNCTIONS),
    # What was written while there were no triggers is noted nowhere: the next refresh computes all.
    "delete from analytics_base",
    # One row a learner, changed by every pulse: room for that, and no index but the key.
    "alter table analytics_touched set (fillfactor = 70)",
    *(
        trigger
        for table, (function, events) in TOUCHING.items()
        for trigger in triggers_of(table, function, events)
    ),
]
DROP = [
    *(
        f"drop trigger {name} on {table}"
        for table, (_, events) in TOUCHING.items()
        for name in (*(f"touch_on_{event}" for event in events), "touch_on_truncate")
    ),
    *(f"drop function public.{signature}" for signature in reversed(FUNCTIONS.values())),
]


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0004_base_and_delta"),
        ("tracking", "0003_ledger_by_day"),
    ]

    operations = [migrations.RunSQL(sql=CREATE, reverse_sql=DROP)]
