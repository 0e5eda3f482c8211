"""Builds the views in the database from their files, all or nothing."""

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.backends.utils import CursorWrapper
from django_pgviews.models import ViewSyncer
from django_pgviews.view import MaterializedView

from analytics.models.views import INTERNAL_VIEWS, MATERIALIZED_VIEWS
from config.sql import SQL_DIR


class ViewsNotBuilt(Exception):
    """What was left incomplete, and where."""


def build_views() -> None:
    """Bring functions, internal views and contract views to what the files say.

    In one transaction that waits for a refresh at work: readers see the old views or the new ones.
    A materialized view whose SQL changed is empty afterwards, until the next refresh.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"set local statement_timeout = {settings.REFRESH_STATEMENT_TIMEOUT_MS:d}")
        cursor.execute(f"set local lock_timeout = {settings.REFRESH_STATEMENT_TIMEOUT_MS:d}")
        cursor.execute("lock table analytics_stamp in exclusive mode")
        # Functions call one another, whatever the order of their names.
        cursor.execute("set local check_function_bodies = off")
        for path in sorted((SQL_DIR / "functions").glob("*.sql")):
            cursor.execute(path.read_text(encoding="utf-8"))
        cursor.execute("create schema if not exists analytics")
        for name in contract_view_names():
            cursor.execute(f"drop view if exists analytics.{name} cascade")
        _drop_views_of_another_kind(cursor)
        is_complete = ViewSyncer().run(
            force=True,
            update=True,
            using=DEFAULT_DB_ALIAS,
            materialized_views_check_sql_changed=True,
        )
        if not is_complete:
            raise ViewsNotBuilt("The dependencies of the views in analytics/models do not resolve.")
        for path in sorted((SQL_DIR / "contract").glob("*.sql")):
            cursor.execute(path.read_text(encoding="utf-8"))


def _drop_views_of_another_kind(cursor: CursorWrapper) -> None:
    """A view that an earlier version kept materialized, or not, cannot be replaced in place."""
    cursor.execute(
        "select relname, relkind from pg_class"
        " where relnamespace = 'public'::regnamespace and relname = any(%s)",
        [[view._meta.db_table for view in INTERNAL_VIEWS]],
    )
    kinds = dict(cursor.fetchall())
    for view in INTERNAL_VIEWS:
        name, is_kept = view._meta.db_table, issubclass(view, MaterializedView)
        if kinds.get(name) == "v" and is_kept:
            cursor.execute(f"drop view {name} cascade")
        if kinds.get(name) == "m" and not is_kept:
            cursor.execute(f"drop materialized view {name} cascade")


def unpopulated_views() -> list[str]:
    """The materialized views that no refresh has filled yet."""
    names = [view._meta.db_table for view in MATERIALIZED_VIEWS]
    with connection.cursor() as cursor:
        cursor.execute(
            "select matviewname from pg_matviews where ispopulated and matviewname = any(%s)",
            [names],
        )
        populated = {row[0] for row in cursor.fetchall()}
    return [name for name in names if name not in populated]


def contract_view_names() -> list[str]:
    """The names of the views in schema `analytics`: one for each file of `sql/contract/`."""
    return sorted(path.stem for path in (SQL_DIR / "contract").glob("*.sql"))
