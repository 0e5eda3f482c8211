"""Quiz attempts: scored by the server, recorded once a key."""

from typing import Any
from uuid import UUID

import pytest

from config.problems import ProblemType
from tests.config.test_problems import problem_of, type_of
from tests.factories import answers_to, client_of, make_learner, make_module
from tests.tracking.test_pulses import run_at_once
from tracking.models import Module, ModuleProgress, Question, Quiz, QuizAttempt, User

KEY = UUID("019c4000-0000-7000-8000-00000000000a")


def attempt(
    learner: User, module: Module, answers: dict[str, int], *, key: UUID | None = None
) -> Any:
    headers = {"Idempotency-Key": str(key)} if key else {}
    return client_of(learner).post(
        f"/api/modules/{module.pk}/quiz/attempts/",
        {"answers": answers},
        format="json",
        headers=headers,
    )


def attempts_of(learner: User) -> list[tuple[Any, ...]]:
    return list(
        QuizAttempt.objects.filter(user=learner)
        .order_by("pk")
        .values_list("quiz_id", "score", "passed")
    )


@pytest.mark.django_db
class TestScoring:
    def test_the_reply_of_an_attempt(self) -> None:
        learner, module = make_learner(), make_module(questions=2)

        response = attempt(learner, module, answers_to(module.quiz, right=1))

        body = response.json()
        assert response.status_code == 201
        assert body.pop("timestamp")
        assert body == {
            "status": "recorded",
            "id": QuizAttempt.objects.get().pk,
            "score": 50.0,
            "passed": False,
            "pass_score": 70,
            "module": {"status": "in_progress", "progress_percent": 0.0},
        }

    @pytest.mark.parametrize(
        ("questions", "right", "score"),
        [
            (1, 0, "0.00"),
            (1, 1, "100.00"),
            (3, 1, "33.33"),
            (3, 2, "66.67"),
            (7, 5, "71.43"),
            (8, 1, "12.50"),
        ],
    )
    def test_the_score_is_the_percent_of_right_answers(
        self, questions: int, right: int, score: str
    ) -> None:
        learner, module = make_learner(), make_module(questions=questions)

        attempt(learner, module, answers_to(module.quiz, right=right))

        assert [str(each.score) for each in QuizAttempt.objects.all()] == [score]

    def test_an_unanswered_question_is_wrong(self) -> None:
        learner, module = make_learner(), make_module(questions=4)
        answers = dict(list(answers_to(module.quiz, right=4).items())[:1])

        attempt(learner, module, answers)
        attempt(learner, module, {})

        assert attempts_of(learner) == [(module.quiz.pk, 25, False), (module.quiz.pk, 0, False)]

    @pytest.mark.parametrize(
        ("pass_score", "right", "is_passed"),
        [(70, 6, False), (70, 7, True), (71, 7, False), (0, 0, True), (100, 9, False)],
    )
    def test_the_quiz_is_passed_at_its_pass_mark(
        self, pass_score: int, right: int, is_passed: bool
    ) -> None:
        learner, module = make_learner(), make_module(questions=10)
        Quiz.objects.update(pass_score=pass_score)

        response = attempt(learner, module, answers_to(module.quiz, right=right))

        assert response.json()["passed"] is is_passed

    def test_a_score_just_under_the_mark_is_not_rounded_up_to_it(self) -> None:
        learner, module = make_learner(), make_module(questions=3)
        Quiz.objects.update(pass_score=67)

        response = attempt(learner, module, answers_to(module.quiz, right=2))

        assert (response.json()["score"], response.json()["passed"]) == (66.67, False)

    def test_a_question_without_a_right_answer_cannot_be_answered_right(self) -> None:
        learner, module = make_learner(), make_module(questions=1)
        question = module.quiz.questions.get()
        question.choices.update(is_correct=False)

        attempt(learner, module, {str(question.pk): question.choices.all()[0].pk})

        assert attempts_of(learner) == [(module.quiz.pk, 0, False)]

    def test_a_quiz_without_questions_cannot_be_attempted(self) -> None:
        learner, module = make_learner(), make_module(questions=1)
        Question.objects.all().delete()

        response = attempt(learner, module, {})

        assert problem_of(response)["errors"] == [
            {"field": "answers", "reason": "cannot be scored: the quiz has no questions"}
        ]
        assert not ModuleProgress.objects.exists()

    def test_a_refused_attempt_is_no_activity(self) -> None:
        learner, module = make_learner(), make_module(questions=1)

        attempt(learner, module, {"0": 1})

        assert not ModuleProgress.objects.exists()

    def test_the_answers_are_kept_as_they_were_given(self) -> None:
        learner, module = make_learner(), make_module(questions=2)
        answers = answers_to(module.quiz, right=1)

        attempt(learner, module, answers)

        assert QuizAttempt.objects.get().answers == answers

    def test_what_the_learner_has_passed_does_not_change_with_the_quiz(self) -> None:
        learner, module = make_learner(), make_module(questions=1)
        attempt(learner, module, answers_to(module.quiz, right=1))

        Quiz.objects.update(pass_score=100)
        Question.objects.create(quiz=module.quiz, text="One more?")

        assert attempts_of(learner) == [(module.quiz.pk, 100, True)]


@pytest.mark.django_db
class TestIdempotency:
    def test_the_same_content_again_is_a_duplicate(self) -> None:
        learner, module = make_learner(), make_module(questions=1)
        answers = answers_to(module.quiz, right=1)

        first = attempt(learner, module, answers, key=KEY)
        again = attempt(learner, module, answers, key=KEY)

        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == first.json() | {"status": "duplicate"}
        assert attempts_of(learner) == [(module.quiz.pk, 100, True)]

    def test_a_retry_is_a_duplicate_even_when_the_quiz_has_changed_since(self) -> None:
        learner, module = make_learner(), make_module(questions=2)
        answers = answers_to(module.quiz, right=2)
        attempt(learner, module, answers, key=KEY)
        module.quiz.questions.all()[0].delete()

        again = attempt(learner, module, answers, key=KEY)

        assert (again.status_code, again.json()["score"]) == (200, 100.0)

    def test_other_content_under_the_same_key_is_refused(self) -> None:
        learner, module = make_learner(), make_module(questions=1)
        attempt(learner, module, answers_to(module.quiz, right=0), key=KEY)

        other = attempt(learner, module, answers_to(module.quiz, right=1), key=KEY)

        assert type_of(other) is ProblemType.CONTENT_CONFLICT
        assert attempts_of(learner) == [(module.quiz.pk, 0, False)]

    def test_another_quiz_under_the_same_key_is_refused(self) -> None:
        learner, module, other = make_learner(), make_module(questions=1), make_module(questions=1)
        attempt(learner, module, {}, key=KEY)

        response = attempt(learner, other, {}, key=KEY)

        assert type_of(response) is ProblemType.CONTENT_CONFLICT
        assert not ModuleProgress.objects.filter(module=other).exists()

    def test_a_key_belongs_to_its_user(self) -> None:
        module = make_module(questions=1)

        replies = [attempt(make_learner(), module, {}, key=KEY) for _ in range(2)]

        assert [reply.status_code for reply in replies] == [201, 201]

    def test_without_a_key_every_attempt_counts(self) -> None:
        learner, module = make_learner(), make_module(questions=1)

        replies = [attempt(learner, module, {}) for _ in range(2)]

        assert [reply.status_code for reply in replies] == [201, 201]
        assert len(attempts_of(learner)) == 2


@pytest.mark.usefixtures("committed")
class TestConcurrency:
    def test_the_same_attempt_many_times_at_once_is_recorded_once(self) -> None:
        learner, module = make_learner(), make_module(questions=1)
        answers = answers_to(module.quiz, right=1)

        replies = run_at_once(12, lambda: attempt(learner, module, answers, key=KEY))

        assert sorted(reply.status_code for reply in replies) == [200] * 11 + [201]
        assert len(attempts_of(learner)) == 1

    def test_one_key_in_many_modules_at_once_stands_for_one_of_them(self) -> None:
        learner = make_learner()
        modules = iter([make_module(questions=1) for _ in range(8)])

        replies = run_at_once(8, lambda: attempt(learner, next(modules), {}, key=KEY))

        assert sorted(reply.status_code for reply in replies) == [201] + [422] * 7
        assert len(attempts_of(learner)) == 1
