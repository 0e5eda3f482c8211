from typing import Any

from django.db import migrations


def create_policy(apps: Any, schema_editor: Any) -> None:
    apps.get_model("analytics", "Policy").objects.get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("analytics", "0001_initial")]

    operations = [migrations.RunPython(create_policy, migrations.RunPython.noop)]
