"""Many rows that came at once, of which the statistics of the tables do not know yet."""

from collections.abc import Callable

from django.db import connection

from tests.factories import make_user


def test_learners_who_were_imported_are_computed_before_the_tables_are_analyzed(
    refresh: Callable[[], None],
) -> None:
    """For the planner the tables are as small as they were."""
    make_user("manager")
    with connection.cursor() as cursor:
        cursor.execute("analyze")
        cursor.execute(
            "insert into tracking_user (username, first_name, last_name, email, password, role,"
            " team_id, is_active, is_staff, is_superuser, date_joined)"
            " select 'l' || number, 'First', 'Last', '', '', 'learner', team.id, true, false,"
            " false, now() from generate_series(1, 100000) as number, tracking_team as team"
            " where team.is_default"
        )

    refresh()

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from analytics.learner_snapshot")
        assert cursor.fetchone() == (100_000,)
