from typing import Any

from django.db import migrations

from config.sql import read_sql


def create_default_team(apps: Any, schema_editor: Any) -> None:
    apps.get_model("tracking", "Team").objects.get_or_create(
        is_default=True, defaults={"name": "Default team"}
    )


class Migration(migrations.Migration):
    dependencies = [("tracking", "0001_initial")]

    operations = [
        migrations.RunPython(create_default_team, migrations.RunPython.noop),
        migrations.RunSQL(
            sql=read_sql("functions/progress_percent"),
            reverse_sql="drop function public.tracking_progress_percent(bigint, bigint, boolean)",
        ),
        migrations.RunSQL(
            sql=read_sql("functions/covered_percent"),
            reverse_sql="drop function public.tracking_covered_percent(integer, integer)",
        ),
    ]
