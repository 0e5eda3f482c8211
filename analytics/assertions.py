"""Whether the database is what a deploy leaves: views, rows, indexes, comments and grants.

What there has to be comes from the models and the files; what there is, from the catalogue.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection
from django_pgviews.view import MaterializedView, View

from config.sql import SQL_DIR, read_sql

CONTRACT_SCHEMA = "analytics"
INTERNAL_SCHEMA = "public"


def find_faults() -> list[str]:
    """Everything that a deploy is to leave and that is not there; empty when all is well."""
    return [
        *views_not_there(),
        *views_not_filled(),
        *indexes_not_there(),
        *_lines("readers_may_select"),
        *_lines("readers_may_nothing_else"),
        *_lines("everything_has_a_comment"),
    ]


def find_remarks() -> list[str]:
    """What is not as it should be and takes more rights than those of the role that deploys."""
    return _lines("remarks")


def faults_of_the_figures() -> list[str]:
    """Why the figures cannot be read: views that are missing, empty, or closed to readers."""
    return [*views_not_there(), *views_not_filled(), *_lines("readers_may_select")]


def views_not_there() -> list[str]:
    """The views of the files and models that the database does not have."""
    expected = [
        *((INTERNAL_SCHEMA, view._meta.db_table) for view in _internal_views()),
        *((CONTRACT_SCHEMA, path.stem) for path in sorted((SQL_DIR / "contract").glob("*.sql"))),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "select schema.nspname, relation.relname from pg_class as relation"
            " inner join pg_namespace as schema on relation.relnamespace = schema.oid"
            " where relation.relkind in ('v', 'm') and schema.nspname = any(%s)",
            [[INTERNAL_SCHEMA, CONTRACT_SCHEMA]],
        )
        found = set(cursor.fetchall())
    return [
        f"view {schema}.{name} does not exist"
        for schema, name in expected
        if (schema, name) not in found
    ]


def views_not_filled() -> list[str]:
    """The materialized views without rows, and without leave to be read."""
    names = [view._meta.db_table for view in _materialized_views()]
    with connection.cursor() as cursor:
        cursor.execute(
            "select matviewname from pg_matviews"
            " where schemaname = %s and matviewname = any(%s) and not ispopulated order by 1",
            [INTERNAL_SCHEMA, names],
        )
        return [f"view {INTERNAL_SCHEMA}.{name} was never filled" for (name,) in cursor.fetchall()]


def indexes_not_there() -> list[str]:
    """The indexes of materialized views that are missing, or that no statement may use."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select relation.relname, made.relname, entry.indisunique and entry.indpred is null,"
            " array(select pg_get_indexdef(entry.indexrelid, position, true)"
            " from generate_series(1, entry.indnkeyatts) as position)"
            " from pg_index as entry"
            " inner join pg_class as relation on entry.indrelid = relation.oid"
            " inner join pg_class as made on entry.indexrelid = made.oid"
            " where relation.relkind = 'm' and relation.relnamespace = %s::regnamespace"
            " and entry.indisvalid and entry.indisready",
            [INTERNAL_SCHEMA],
        )
        found = cursor.fetchall()
    names = {(relation, name) for relation, name, _, _ in found}
    keys = {(relation, tuple(columns)) for relation, _, is_key, columns in found if is_key}
    faults = []
    for view in _materialized_views():
        relation = view._meta.db_table
        columns = [column.strip() for column in (view._concurrent_index or "").split(",")]
        if view._concurrent_index and (relation, tuple(columns)) not in keys:
            faults.append(f"view {relation} has no unique index on {', '.join(columns)}")
        faults += [
            f"view {relation} has no index {index.name}"
            for index in view._meta.indexes
            if (relation, index.name) not in names
        ]
    return faults


def _lines(name: str) -> list[str]:
    """The rows of `sql/assertions/<name>.sql`, which has one column and no parameters."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql(f"assertions/{name}"))
        return [line for (line,) in cursor.fetchall()]


def _internal_views() -> Iterator[type[View]]:
    return (model for model in apps.get_models() if issubclass(model, View))


def _materialized_views() -> Iterator[type[MaterializedView]]:
    return (view for view in _internal_views() if issubclass(view, MaterializedView))
