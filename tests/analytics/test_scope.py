"""Who sees whom: one function in the database, which both sides ask."""

import pytest
from django.db import connection

from tests.factories import make_team, make_user
from tracking.models import Team, User

pytestmark = pytest.mark.django_db


def scope_of(user_id: int) -> list[int] | None:
    with connection.cursor() as cursor:
        cursor.execute("select public.teams_in_scope(%s)", [user_id])
        found: list[int] | None = cursor.fetchone()[0]
        return found


def test_an_admin_sees_all_teams_also_when_listed_in_one() -> None:
    admin = make_user("admin")
    make_team().managers.add(admin)

    assert scope_of(admin.pk) is None


def test_a_manager_sees_the_teams_that_list_them_and_then_not_their_own() -> None:
    manager = make_user("manager", team=make_team())
    first, second, _other = make_team(), make_team(), make_team()
    for team in (second, first):
        team.managers.add(manager)

    assert scope_of(manager.pk) == [first.pk, second.pk]


def test_a_manager_listed_nowhere_sees_their_own_team() -> None:
    own = make_team()

    assert scope_of(make_user("manager", team=own).pk) == [own.pk]
    assert scope_of(make_user("manager").pk) == [Team.objects.get(is_default=True).pk]


def test_a_learner_sees_nobody_also_when_listed_as_a_manager() -> None:
    learner = make_user("learner")
    make_team().managers.add(learner)

    assert scope_of(learner.pk) == []


def test_somebody_who_is_gone_sees_nobody() -> None:
    gone = make_user("manager")
    gone_id = gone.pk
    User.objects.filter(pk=gone_id).delete()

    assert scope_of(gone_id) == []
