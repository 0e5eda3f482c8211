"""What a learner is shown of the catalogue, of a quiz, and of themselves."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.problems import ProblemType
from tests.config.test_problems import type_of
from tests.factories import (
    ZERO,
    answers_to,
    claim,
    client_of,
    make_attempt,
    make_learner,
    make_module,
    make_session,
    make_team,
    record,
)
from tracking.completion import module_states
from tracking.models import Module, Quiz, Resource, User
from tracking.quizzes import record_attempt

MINUTE = dt.timedelta(minutes=1)


def get(learner: User, path: str) -> Any:
    return client_of(learner).get(path)


@pytest.mark.django_db
class TestModules:
    def test_the_list_shows_every_published_module_with_the_learners_own_progress(self) -> None:
        learner, other = make_learner(), make_learner()
        half = make_module(title="Half", resources=2, duration_seconds=None)
        fresh = make_module(title="Fresh", questions=1, has_assignment=True)
        make_module(title="Hidden", is_published=False)
        record(learner, claim(half.resources.all()[0], completed=True))
        record(other, claim(fresh.resources.get(), completed=True))

        response = get(learner, "/api/modules/")

        assert response.status_code == 200
        assert response.json() == [
            {
                "id": half.pk,
                "title": "Half",
                "status": "in_progress",
                "progress_percent": 50.0,
                "has_quiz": False,
                "has_assignment": False,
            },
            {
                "id": fresh.pk,
                "title": "Fresh",
                "status": "not_started",
                "progress_percent": 0.0,
                "has_quiz": True,
                "has_assignment": True,
            },
        ]

    def test_an_empty_catalogue_is_an_empty_list(self) -> None:
        response = get(make_learner(), "/api/modules/")

        assert (response.status_code, response.json()) == (200, [])

    def test_a_module_shows_its_resources_in_their_order(self) -> None:
        learner, other = make_learner(), make_learner()
        module = make_module(title="One", resources=0)
        second = Resource.objects.create(
            module=module, title="Text", kind="document", url="/media/text.pdf", position=1
        )
        first = Resource.objects.create(
            module=module, title="Film", duration_seconds=200, position=0
        )
        record(learner, claim(first, seconds=30, played=((0, 30), (15, 45))))
        record(learner, claim(second, seconds=7, completed=True))
        record(other, claim(first, seconds=99, played=((0, 200),)))

        response = get(learner, f"/api/modules/{module.pk}/")

        assert response.status_code == 200
        assert response.json() == {
            "id": module.pk,
            "title": "One",
            "status": "in_progress",
            "progress_percent": 50.0,
            "has_quiz": False,
            "has_assignment": False,
            "resources": [
                {
                    "id": first.pk,
                    "title": "Film",
                    "kind": "video",
                    "url": "",
                    "duration_seconds": 200,
                    "completed": False,
                    "watch_time_seconds": 30,
                    "covered_percent": 22.5,
                },
                {
                    "id": second.pk,
                    "title": "Text",
                    "kind": "document",
                    "url": "/media/text.pdf",
                    "duration_seconds": None,
                    "completed": True,
                    "watch_time_seconds": 7,
                    "covered_percent": None,
                },
            ],
        }

    @pytest.mark.parametrize("suffix", ["", "quiz/"])
    def test_an_unpublished_module_is_not_found(self, suffix: str) -> None:
        module = make_module(questions=1, is_published=False)

        response = get(make_learner(), f"/api/modules/{module.pk}/{suffix}")

        assert type_of(response) is ProblemType.NOT_FOUND

    @pytest.mark.parametrize("path", ["quiz/attempts/", "assignment/submissions/"])
    def test_an_unpublished_module_takes_no_work(self, path: str) -> None:
        module = make_module(questions=1, has_assignment=True, is_published=False)

        response = client_of(make_learner()).post(
            f"/api/modules/{module.pk}/{path}", {"answers": {}, "text": "done"}, format="json"
        )

        assert type_of(response) is ProblemType.NOT_FOUND

    @pytest.mark.parametrize("suffix", ["", "quiz/"])
    def test_a_module_that_does_not_exist_looks_like_an_unpublished_one(self, suffix: str) -> None:
        hidden = make_module(questions=1, is_published=False)
        learner = make_learner()

        replies = [
            get(learner, f"/api/modules/{module_id}/{suffix}").json()
            for module_id in (hidden.pk, hidden.pk + 1)
        ]

        assert replies[0]["detail"].replace(str(hidden.pk), "?") == replies[1]["detail"].replace(
            str(hidden.pk + 1), "?"
        )


@pytest.mark.django_db
class TestQuiz:
    def test_the_quiz_shows_its_questions_and_choices_in_order(self) -> None:
        module = make_module(questions=2)
        Quiz.objects.filter(module=module).update(title="Check", pass_score=60)
        first, second = module.quiz.questions.all()

        response = get(make_learner(), f"/api/modules/{module.pk}/quiz/")

        assert response.status_code == 200
        assert response.json() == {
            "id": module.quiz.pk,
            "title": "Check",
            "pass_score": 60,
            "questions": [
                {
                    "id": question.pk,
                    "text": "Which?",
                    "choices": [
                        {"id": choice.pk, "text": choice.text} for choice in question.choices.all()
                    ],
                }
                for question in (first, second)
            ],
        }

    def test_no_reply_tells_which_answer_is_right(self) -> None:
        learner, module = make_learner(), make_module(questions=2)
        client = client_of(learner)
        quiz = f"/api/modules/{module.pk}/quiz/"

        replies = [
            client.get(quiz),
            client.get(f"/api/modules/{module.pk}/"),
            client.post(
                f"{quiz}attempts/", {"answers": answers_to(module.quiz, right=1)}, format="json"
            ),
            client.get(quiz),
        ]

        assert [reply.status_code for reply in replies] == [200, 200, 201, 200]
        assert [reply.content.count(b"correct") for reply in replies] == [0, 0, 0, 0]

    def test_a_module_without_a_quiz_has_none_to_show(self) -> None:
        response = get(make_learner(), f"/api/modules/{make_module().pk}/quiz/")

        assert type_of(response) is ProblemType.NOT_FOUND


@pytest.mark.django_db
class TestMe:
    def test_it_says_who_i_am_and_how_far(self) -> None:
        team = make_team("North")
        learner = make_learner(team, username="ada", first_name="Ada", last_name="L.")
        done, open_module = make_module(duration_seconds=None), make_module(resources=2)
        record(learner, claim(done.resources.get(), seconds=100, completed=True))
        record(learner, claim(open_module.resources.all()[0], seconds=50))
        make_session(make_learner(team), done, start_time=ZERO, minutes=99)

        response = get(learner, "/api/me/")

        assert response.status_code == 200
        assert response.json() == {
            "id": learner.pk,
            "username": "ada",
            "full_name": "Ada L.",
            "role": "learner",
            "team": "North",
            "modules_completed": 1,
            "modules_in_progress": 1,
            "total_focus_mins": 2.5,
        }

    def test_somebody_new_stands_at_zero_in_the_default_team(self) -> None:
        learner = make_learner(username="new")

        assert get(learner, "/api/me/").json() == {
            "id": learner.pk,
            "username": "new",
            "full_name": "",
            "role": "learner",
            "team": "Default team",
            "modules_completed": 0,
            "modules_in_progress": 0,
            "total_focus_mins": 0.0,
        }


@pytest.mark.django_db
class TestQueryCounts:
    """The same number of statements whatever there is to show."""

    def test_of_the_list(self) -> None:
        learner = make_learner()
        make_module()
        one = self.count(learner, "/api/modules/")
        for _ in range(29):
            record(learner, claim(make_module().resources.get()))

        assert (one, self.count(learner, "/api/modules/")) == (3, 3)

    def test_of_a_module(self) -> None:
        learner = make_learner()
        small, large = make_module(resources=1), make_module(resources=30)
        record(learner, *[claim(resource) for resource in large.resources.all()])

        counts = [self.count(learner, f"/api/modules/{one.pk}/") for one in (small, large)]

        assert counts == [5, 5]

    def test_of_a_quiz(self) -> None:
        learner = make_learner()
        small, large = make_module(questions=1), make_module(questions=30)

        counts = [self.count(learner, f"/api/modules/{one.pk}/quiz/") for one in (small, large)]

        assert counts == [4, 4]

    def test_of_me(self) -> None:
        learner = make_learner()
        before = self.count(learner, "/api/me/")
        record(learner, *[claim(make_module().resources.get()) for _ in range(30)])

        assert (before, self.count(learner, "/api/me/")) == (4, 4)

    @staticmethod
    def count(learner: User, path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert get(learner, path).status_code == 200
        return len(queries)


def percent(learner: User, module: Module) -> float:
    return module_states(learner.pk, [module.pk])[module.pk].progress_percent


@pytest.mark.django_db
class TestProgressPercent:
    """Rule 2 of the contract."""

    @pytest.mark.parametrize(
        ("resources", "completed", "expected"),
        [
            (0, 0, 0.0),
            (1, 0, 0.0),
            (1, 1, 100.0),
            (3, 1, 33.3),
            (3, 2, 66.7),
            (7, 3, 42.9),
            (8, 1, 12.5),
            (16, 1, 6.3),
            (40, 39, 97.5),
        ],
    )
    def test_it_is_the_share_of_completed_resources_to_one_decimal(
        self, resources: int, completed: int, expected: float
    ) -> None:
        learner, module = make_learner(), make_module(resources=resources)
        self.complete(learner, module, completed)

        assert percent(learner, module) == expected

    @pytest.mark.parametrize(
        ("questions", "has_assignment", "is_passed", "is_submitted", "expected"),
        [
            (0, False, False, False, 97.5),
            (1, False, False, False, 95.0),
            (1, False, True, False, 97.5),
            (0, True, False, False, 95.0),
            (0, True, False, True, 97.5),
            (1, True, False, False, 95.0),
            (1, True, True, False, 95.0),
            (1, True, False, True, 95.0),
            (1, True, True, True, 97.5),
        ],
    )
    def test_it_stops_at_95_while_the_quiz_or_the_assignment_is_missing(
        self,
        questions: int,
        has_assignment: bool,
        is_passed: bool,
        is_submitted: bool,
        expected: float,
    ) -> None:
        learner = make_learner()
        module = make_module(resources=40, questions=questions, has_assignment=has_assignment)
        self.complete(learner, module, 39)
        if is_passed:
            make_attempt(learner, module.quiz, score=100, timestamp=ZERO)
        if is_submitted:
            module.assignments.create(user=learner).submissions.create(text="done")

        assert percent(learner, module) == expected

    def test_it_is_not_raised_to_95(self) -> None:
        learner, module = make_learner(), make_module(resources=2, questions=1)
        self.complete(learner, module, 1)

        assert percent(learner, module) == 50.0

    def test_a_failed_attempt_is_no_passed_quiz(self) -> None:
        learner, module = make_learner(), make_module(questions=1)
        self.complete(learner, module, 1)
        make_attempt(learner, module.quiz, score=69, timestamp=ZERO)

        assert percent(learner, module) == 95.0

    def test_a_passed_quiz_stays_passed_after_a_worse_attempt(self) -> None:
        learner, module = make_learner(), make_module(resources=40, questions=1)
        self.complete(learner, module, 39)
        for right, at in ((1, ZERO), (0, ZERO + MINUTE)):
            record_attempt(
                learner=learner,
                quiz=module.quiz,
                answers=answers_to(module.quiz, right=right),
                received_at=at,
            )

        assert percent(learner, module) == 97.5

    def test_a_quiz_alone_has_no_percent_to_show(self) -> None:
        learner, module = make_learner(), make_module(resources=0, questions=1)
        make_attempt(learner, module.quiz, score=100, timestamp=ZERO)

        assert percent(learner, module) == 0.0

    @staticmethod
    def complete(learner: User, module: Module, count: int) -> None:
        record(
            learner,
            *[claim(resource, completed=True) for resource in module.resources.all()[:count]],
        )
