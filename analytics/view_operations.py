"""What migrations say of the internal views; unlike the library's own, they can be taken back.

No migration makes a view: `manage.py deploy` does, from the files. So to take one back is to leave
no view that the earlier version does not know, and its own deploy makes those that it does.
"""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState
from django_pgviews.db.migrations.operations import (
    DeleteViewOperation,
    RegisterViewOperation,
)
from django_pgviews.management.operations.clear import clear_view


class RegisterView(RegisterViewOperation):
    """From here on there is this view."""

    reversible = True

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop it with what reads it: tables that it reads are going to change below it."""
        connection: Any = schema_editor.connection
        clear_view(connection, self.db_name, materialized=self.materialized)


class DeleteView(DeleteViewOperation):
    """From here on there is no such view, or it is of another kind."""

    reversible = True

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Nothing: the deploy of the earlier version makes it."""
