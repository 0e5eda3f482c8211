"""What managers do: assign modules, look at submissions, grade them; within their scope alone."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.models import AuditEntry
from config.problems import ProblemType
from tests.audit_log import entries
from tests.config.test_problems import problem_of, type_of
from tests.factories import (
    ZERO,
    claim,
    client_of,
    make_assignment,
    make_learner,
    make_module,
    make_team,
    make_user,
    record,
)
from tracking.assignments import grade_submission, submit
from tracking.completion import check_completion
from tracking.models import Assignment, Module, ModuleProgress, Submission, Team, User

ASSIGNMENTS = "/api/manager/assignments/"
DUE = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_adds_up")]


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def manager(team: Team) -> User:
    return make_user("manager", username="mia", team=team)


def give(manager: User, module: Module | int, *learners: Any, **more: Any) -> Any:
    body = {
        "module": getattr(module, "pk", module),
        "learners": [getattr(learner, "pk", learner) for learner in learners],
    }
    return client_of(manager).post(ASSIGNMENTS, body | more, format="json")


def grade(manager: User, submission: Submission | int, value: Any, **more: Any) -> Any:
    path = f"/api/manager/submissions/{getattr(submission, 'pk', submission)}/grade/"
    return client_of(manager).post(path, {"grade": value} | more, format="json")


def look_at(manager: User, submission: Submission | int) -> Any:
    path = f"/api/manager/submissions/{getattr(submission, 'pk', submission)}/"
    return client_of(manager).get(path)


def assignments() -> list[tuple[Any, ...]]:
    return list(
        Assignment.objects.order_by("user_id", "module_id").values_list(
            "user_id", "module_id", "status", "due_at", "assigned_by_id"
        )
    )


def fields_of(response: Any) -> list[str]:
    return [error["field"] for error in problem_of(response).get("errors", [])]


def handed_in(learner: User, module: Module, text: str = "done") -> Submission:
    return submit(learner=learner, module=module, text=text, url="", received_at=ZERO).submission


class TestAssigning:
    def test_each_learner_is_given_the_module(self, manager: User, team: Team) -> None:
        first, second = make_learner(team), make_learner(team)
        module = make_module()

        response = give(manager, module, second, first, due_at="2026-03-01T13:00:00+01:00")

        by_learner = dict(Assignment.objects.values_list("user_id", "pk"))
        assert response.status_code == 201
        assert response.json() == {
            "module": module.pk,
            "results": [
                {"learner": pk, "assignment": by_learner[pk], "status": "created"}
                for pk in (second.pk, first.pk)
            ],
        }
        assert assignments() == [
            (pk, module.pk, "assigned", DUE, manager.pk) for pk in (first.pk, second.pk)
        ]

    def test_without_a_due_date_there_is_none(self, manager: User, team: Team) -> None:
        learner, module = make_learner(team), make_module()

        assert give(manager, module, learner).status_code == 201
        assert give(manager, module, learner, due_at=None).status_code == 201

        assert assignments() == [(learner.pk, module.pk, "assigned", None, manager.pk)]

    def test_a_second_time_changes_nothing(self, manager: User, team: Team) -> None:
        learner, module = make_learner(team), make_module()
        first = give(manager, module, learner, due_at=DUE.isoformat())
        before, recorded = assignments(), entries()

        again = give(manager, module, learner, due_at=DUE.isoformat())

        assert again.status_code == 201
        (result,) = first.json()["results"]
        assert again.json()["results"] == [result | {"status": "unchanged"}]
        assert (assignments(), entries()) == (before, recorded)

    def test_another_due_date_is_taken_over_and_nothing_else(
        self, manager: User, team: Team
    ) -> None:
        learner, module = make_learner(team), make_module()
        first = make_user("manager", team=team)
        give(first, module, learner)
        assigned_at = Assignment.objects.get().assigned_at

        response = give(manager, module, learner, due_at=DUE.isoformat())

        assert [result["status"] for result in response.json()["results"]] == ["updated"]
        assert assignments() == [(learner.pk, module.pk, "assigned", DUE, first.pk)]
        assert Assignment.objects.get().assigned_at == assigned_at

    def test_a_due_date_is_taken_away(self, manager: User, team: Team) -> None:
        learner, module = make_learner(team), make_module()
        give(manager, module, learner, due_at=DUE.isoformat())

        response = give(manager, module, learner)

        assert [result["status"] for result in response.json()["results"]] == ["updated"]
        assert Assignment.objects.get().due_at is None

    def test_some_have_it_and_some_have_not(self, manager: User, team: Team) -> None:
        module = make_module()
        same, later, new = (make_learner(team) for _ in range(3))
        make_assignment(same, module, due_at=DUE)
        make_assignment(later, module, due_at=ZERO)

        response = give(manager, module, new, later, same, due_at=DUE.isoformat())

        assert [result["status"] for result in response.json()["results"]] == [
            "created",
            "updated",
            "unchanged",
        ]

    def test_it_is_no_activity(self, manager: User, team: Team) -> None:
        """A progress record would count as a module that was taken up."""
        learner = make_learner(team)

        give(manager, make_module(), learner)

        assert not ModuleProgress.objects.exists()

    def test_what_was_begun_stays_as_it_is(self, manager: User, team: Team) -> None:
        learner, module = make_learner(team), make_module(resources=2)
        record(learner, claim(module.resources.all()[0]))
        before = ModuleProgress.objects.values().get()

        give(manager, module, learner)

        assert ModuleProgress.objects.values().get() == before

    def test_a_module_that_was_not_started_yet_stays_on_record(
        self, manager: User, team: Team
    ) -> None:
        learner, module = make_learner(team), make_module()
        ModuleProgress.objects.create(user=learner, module=module)

        give(manager, module, learner)

        assert ModuleProgress.objects.get().status == "not_started"

    def test_of_a_module_completed_before_it_is_completed(self, manager: User, team: Team) -> None:
        done, begun, module = make_learner(team), make_learner(team), make_module()
        record(done, claim(module.resources.get(), completed=True))
        record(begun, claim(module.resources.get()))

        give(manager, module, done, begun)

        assert [(pk, status) for pk, _, status, *_ in assignments()] == [
            (done.pk, "completed"),
            (begun.pk, "assigned"),
        ]

    def test_an_assignment_made_by_handing_in_is_kept(self, manager: User, team: Team) -> None:
        learner, module = make_learner(team), make_module(has_assignment=True)
        handed_in(learner, module)

        response = give(manager, module, learner, due_at=DUE.isoformat())

        assert [result["status"] for result in response.json()["results"]] == ["updated"]
        assert assignments() == [(learner.pk, module.pk, "submitted", DUE, None)]

    def test_every_change_is_on_record(self, manager: User, team: Team) -> None:
        module = make_module()
        old, new = make_learner(team), make_learner(team)
        given = make_assignment(old, module, due_at=DUE)

        give(manager, module, new, old)

        assert entries() == [
            (
                *(manager.pk, "assign", learner.pk),
                {"assignment": pk, "module": module.pk, "due_at": None, "status": status},
            )
            for learner, pk, status in (
                (new, Assignment.objects.get(user=new).pk, "created"),
                (old, given.pk, "updated"),
            )
        ]
        assert AuditEntry.objects.values_list("request_id", flat=True).distinct().count() == 1

    def test_five_hundred_take_as_many_statements_as_one(self, manager: User, team: Team) -> None:
        module = make_module()
        counts = []
        for number in (1, 500):
            learners = [make_learner(team) for _ in range(number)]
            client = client_of(manager)
            body = {"module": module.pk, "learners": [learner.pk for learner in learners]}
            with CaptureQueriesContext(connection) as queries:
                assert client.post(ASSIGNMENTS, body, format="json").status_code == 201
            counts.append(len(queries))

        assert counts[0] == counts[1]
        assert Assignment.objects.count() == AuditEntry.objects.count() == 501


class TestWhoMayBeAssigned:
    """All or nothing: who is not visible is named by the place in the request."""

    @pytest.fixture
    def module(self) -> Module:
        return make_module()

    @pytest.mark.parametrize(
        "stranger",
        [
            lambda team: make_learner(make_team()).pk,
            lambda team: make_learner().pk,
            lambda team: make_learner(team, is_active=False).pk,
            lambda team: make_user("manager", team=team).pk,
            lambda team: make_user("admin", team=team).pk,
            lambda team: 2**62,
        ],
        ids=["another team", "the default team", "inactive", "a manager", "an admin", "nobody"],
    )
    def test_nobody_else(
        self, manager: User, team: Team, module: Module, stranger: Callable[[Team], int]
    ) -> None:
        learner = make_learner(team)

        response = give(manager, module, learner, stranger(team), learner.pk + 10**6)

        assert type_of(response) is ProblemType.NOT_FOUND
        assert fields_of(response) == ["learners.1", "learners.2"]
        assert (assignments(), entries()) == ([], [])

    def test_of_the_teams_that_list_the_manager(self, manager: User, module: Module) -> None:
        listed = make_team()
        listed.managers.add(manager)

        assert give(manager, module, make_learner(listed)).status_code == 201
        assert fields_of(give(manager, module, make_learner(manager.team))) == ["learners.0"]

    def test_an_admin_may_assign_to_all(self, module: Module) -> None:
        learners = [make_learner(make_team()) for _ in range(2)]

        assert give(make_user("admin"), module, *learners).status_code == 201

    def test_a_learner_may_not(self, team: Team, module: Module) -> None:
        learner = make_learner(team)

        response = give(learner, module, learner)

        assert type_of(response) is ProblemType.PERMISSION_DENIED

    def test_no_module_that_learners_do_not_see(self, manager: User, team: Team) -> None:
        learner, hidden = make_learner(team), make_module(is_published=False)

        for module in (hidden.pk, 2**62):
            response = give(manager, module, learner)
            assert type_of(response) is ProblemType.NOT_FOUND
            assert fields_of(response) == ["module"]
        assert fields_of(give(manager, hidden, 2**62)) == ["module", "learners.0"]
        assert assignments() == []


NO_IDS: list[Any] = [None, 0, -1, 2**63, 10**30, "1", 1.0, 1.5, True, [], {}]


class TestBadAssignments:
    @pytest.mark.parametrize(
        ("field", "values"),
        {
            "module": NO_IDS,
            "learners": [None, [], 1, "1", {}, [1, 1], [5, 6, 5], list(range(1, 502))],
            "due_at": ["", "soon", 0, 1.5, True, [], "2026-03-01", "2026-03-01T12:00:00"],
        }.items(),
    )
    def test_a_wrong_value_is_refused_under_its_name(
        self, manager: User, field: str, values: list[Any]
    ) -> None:
        for value in values:
            body = {"module": 1, "learners": [1], field: value}
            response = client_of(manager).post(ASSIGNMENTS, body, format="json")
            assert type_of(response) is ProblemType.INVALID_INPUT
            assert fields_of(response) == [field]

    @pytest.mark.parametrize("learner", NO_IDS)
    def test_a_wrong_learner_is_refused_by_its_place(self, manager: User, learner: Any) -> None:
        response = give(manager, make_module(), 1, learner)

        assert type_of(response) is ProblemType.INVALID_INPUT
        assert fields_of(response) == ["learners.1"]

    def test_what_is_missing_and_what_is_not_known(self, manager: User) -> None:
        response = client_of(manager).post(ASSIGNMENTS, {"learner": 1}, format="json")

        assert sorted(fields_of(response)) == ["learner", "learners", "module"]


class TestGrading:
    @pytest.fixture
    def learner(self, team: Team) -> User:
        return make_learner(team, username="lea")

    @pytest.fixture
    def module(self) -> Module:
        return make_module(has_assignment=True, title="Listening")

    @pytest.fixture
    def submission(self, learner: User, module: Module) -> Submission:
        return handed_in(learner, module)

    def test_the_reply(self, manager: User, learner: User, submission: Submission) -> None:
        response = grade(manager, submission, 87.25, feedback="Well done.")

        submission.refresh_from_db()
        assert response.status_code == 200
        assert submission.graded_at is not None
        graded_at = submission.graded_at.isoformat().replace("+00:00", "Z")
        assert response.json() == {
            "id": submission.pk,
            "assignment_id": submission.assignment_id,
            "learner_id": learner.pk,
            "username": "lea",
            "module_id": submission.assignment.module_id,
            "module_title": "Listening",
            "text": "done",
            "url": "",
            "submitted_at": "2026-02-10T12:00:00Z",
            "grade": 87.25,
            "feedback": "Well done.",
            "graded_at": graded_at,
            "assignment_status": "graded",
        }
        assert (submission.grade, submission.graded_by) == (Decimal("87.25"), manager)

    def test_a_look_shows_the_same(self, manager: User, submission: Submission) -> None:
        before = look_at(manager, submission).json()
        graded = grade(manager, submission, 50).json()

        assert graded.pop("assignment_status") == "graded"
        assert look_at(manager, submission).json() == graded
        assert (before["grade"], before["graded_at"], before["feedback"]) == (None, None, "")

    @pytest.mark.parametrize("value", [0, 100, 0.01, 99.99, 33.3, 1e1, 100.0, -0.0])
    def test_a_grade_is_kept_as_it_was_given(
        self, manager: User, submission: Submission, value: float
    ) -> None:
        assert grade(manager, submission, value).json()["grade"] == value
        assert Submission.objects.get().grade == Decimal(str(value))

    @pytest.mark.parametrize(
        "value", [None, -1, -0.01, 100.01, 101, 10**30, 1e300, 0.001, 33.333, "50", True, [], {}]
    )
    def test_what_is_no_grade_is_refused(
        self, manager: User, submission: Submission, value: Any
    ) -> None:
        response = grade(manager, submission, value)

        assert type_of(response) is ProblemType.INVALID_INPUT
        assert fields_of(response) == ["grade"]
        assert Submission.objects.get().grade is None

    @pytest.mark.parametrize("feedback", [1, True, [], {}, "x" * 10_001])
    def test_what_is_no_feedback_is_refused(
        self, manager: User, submission: Submission, feedback: Any
    ) -> None:
        response = grade(manager, submission, 50, feedback=feedback)

        assert type_of(response) is ProblemType.INVALID_INPUT
        assert fields_of(response) == ["feedback"]

    def test_the_same_again_changes_nothing(self, manager: User, submission: Submission) -> None:
        first = grade(manager, submission, 80, feedback="Good.")
        recorded = entries()

        again = grade(make_user("admin"), submission, 80.0, feedback="Good.")
        without = grade(manager, submission, 80)

        assert first.json() == again.json() == without.json()
        assert entries() == recorded

    def test_another_grade_is_stamped_anew_and_keeps_the_feedback(
        self, manager: User, submission: Submission
    ) -> None:
        admin = make_user("admin")
        grade(manager, submission, 80, feedback="Good.")
        first = Submission.objects.get()

        response = grade(admin, submission, 90)

        submission.refresh_from_db()
        assert (response.json()["grade"], response.json()["feedback"]) == (90.0, "Good.")
        assert submission.graded_by == admin
        assert submission.graded_at is not None
        assert first.graded_at is not None
        assert submission.graded_at > first.graded_at

    def test_every_change_is_on_record(
        self, manager: User, learner: User, submission: Submission
    ) -> None:
        look_at(manager, submission)
        grade(manager, submission, 80)

        detail = {
            "submission": submission.pk,
            "assignment": submission.assignment_id,
            "module": submission.assignment.module_id,
        }
        assert entries() == [
            (manager.pk, "read_submission", learner.pk, {"submission": submission.pk}),
            (manager.pk, "grade", learner.pk, detail | {"grade": 80.0}),
        ]

    @pytest.mark.parametrize(
        "outsider", ["foreign manager", "learner", "other learner", "manager of nobody"]
    )
    def test_nobody_else_sees_or_grades_it(
        self, learner: User, submission: Submission, outsider: str
    ) -> None:
        person = {
            "foreign manager": lambda: make_user("manager", team=make_team()),
            "learner": lambda: learner,
            "other learner": lambda: make_learner(learner.team),
            "manager of nobody": lambda: make_user("manager"),
        }[outsider]()
        refused = (
            ProblemType.PERMISSION_DENIED if person.role == "learner" else ProblemType.NOT_FOUND
        )

        assert type_of(look_at(person, submission)) is refused
        assert type_of(grade(person, submission, 100)) is refused
        assert Submission.objects.get().grade is None
        assert entries() == []

    def test_a_learner_who_left_is_out_of_sight(
        self, manager: User, learner: User, submission: Submission
    ) -> None:
        User.objects.filter(pk=learner.pk).update(is_active=False)

        assert type_of(look_at(manager, submission)) is ProblemType.NOT_FOUND
        assert type_of(grade(manager, submission, 1)) is ProblemType.NOT_FOUND

    @pytest.mark.parametrize("number", [0, 10**17])
    def test_what_is_not_there_is_not_found(self, manager: User, number: int) -> None:
        assert type_of(look_at(manager, number)) is ProblemType.NOT_FOUND
        assert type_of(grade(manager, number, 1)) is ProblemType.NOT_FOUND


class TestGradesAndCompletion:
    @pytest.fixture
    def learner(self, team: Team) -> User:
        return make_learner(team)

    @pytest.fixture
    def module(self) -> Module:
        return make_module(has_assignment=True)

    def status(self) -> tuple[str, str]:
        return ModuleProgress.objects.get().status, Assignment.objects.get().status

    def complete(self, learner: User, module: Module) -> None:
        record(learner, claim(module.resources.get(), completed=True))

    def test_a_grade_leaves_the_completion_as_it_is(
        self, manager: User, learner: User, module: Module
    ) -> None:
        submission = handed_in(learner, module)
        self.complete(learner, module)
        before = ModuleProgress.objects.values().get()
        assert self.status() == ("completed", "completed")

        grade(manager, submission, 0)

        assert self.status() == ("completed", "graded")
        assert ModuleProgress.objects.values().get() == before
        check_completion(learner, module)
        assert self.status() == ("completed", "graded")

    def test_a_grade_does_not_complete_and_does_not_hinder(
        self, manager: User, learner: User, module: Module
    ) -> None:
        grade(manager, handed_in(learner, module), 100)
        assert self.status() == ("in_progress", "graded")

        self.complete(learner, module)

        assert self.status() == ("completed", "graded")

    @pytest.mark.parametrize("is_complete", [False, True])
    def test_a_grade_that_is_taken_back_leaves_what_was_without_it(
        self, manager: User, learner: User, module: Module, is_complete: bool
    ) -> None:
        submission = handed_in(learner, module)
        if is_complete:
            self.complete(learner, module)
        without = self.status()
        grade(manager, submission, 50)

        outcome = grade_submission(
            submission_id=submission.pk,
            grade=None,
            feedback=None,
            graded_by=manager,
            graded_at=ZERO,
        )

        assert self.status() == without
        assert outcome.assignment_status == without[1]

    def test_another_graded_submission_keeps_the_assignment_graded(
        self, manager: User, learner: User, module: Module
    ) -> None:
        first, second = handed_in(learner, module, "one"), handed_in(learner, module, "two")
        grade(manager, first, 50)
        grade(manager, second, 60)

        grade_submission(
            submission_id=second.pk, grade=None, feedback=None, graded_by=manager, graded_at=ZERO
        )

        assert self.status() == ("in_progress", "graded")

    def test_what_is_handed_in_after_the_completion_is_completed(
        self, learner: User, module: Module
    ) -> None:
        """The module asked for a submission only later."""
        Module.objects.update(has_assignment=False)
        self.complete(learner, module)
        Module.objects.update(has_assignment=True)
        module.refresh_from_db()

        handed_in(learner, module)

        assert self.status() == ("completed", "completed")


def test_as_many_statements_for_any_submission(
    manager: User, team: Team, django_assert_max_num_queries: Any
) -> None:
    submission = handed_in(make_learner(team), make_module(has_assignment=True))

    with django_assert_max_num_queries(16):
        assert grade(manager, submission, 50).status_code == 200
