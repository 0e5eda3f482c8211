"""Quiz attempts, scored by the server."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from django.db import IntegrityError, transaction

from config.problems import FieldError, InvalidInput, ProblemError, ProblemType
from tracking.completion import ModuleState, check_modules, lock_module, mark_activity
from tracking.models import Choice, Quiz, QuizAttempt, User


@dataclass(frozen=True)
class AttemptOutcome:
    attempt: QuizAttempt
    module: ModuleState
    is_duplicate: bool


def record_attempt(
    *,
    learner: User,
    quiz: Quiz,
    answers: Mapping[str, int],
    received_at: dt.datetime,
    idempotency_key: UUID | None = None,
) -> AttemptOutcome:
    """Score the answers (choice by question, by id) and record the attempt.

    The score is the percent of the quiz's questions answered right; an unanswered one is wrong.
    Under an `idempotency_key`, a retry returns the recorded attempt. Raises `InvalidInput` for a
    question or choice that is not of this quiz, and a `CONTENT_CONFLICT` for a used key with other
    answers.
    """
    with transaction.atomic():
        progress = lock_module(learner.pk, quiz.module_id)
        earlier = (
            QuizAttempt.objects.filter(user=learner, idempotency_key=idempotency_key).first()
            if idempotency_key
            else None
        )
        if earlier and (earlier.quiz_id != quiz.pk or earlier.answers != dict(answers)):
            raise _conflict(idempotency_key)
        if earlier:
            attempt = earlier
        else:
            score = _score(quiz, answers)
            mark_activity(progress, received_at)
            try:
                attempt = QuizAttempt.objects.create(
                    user=learner,
                    quiz=quiz,
                    score=score,
                    passed=score >= quiz.pass_score,
                    timestamp=received_at,
                    answers=dict(answers),
                    idempotency_key=idempotency_key,
                )
            except IntegrityError as error:
                if "quiz_attempt_once_a_key" not in str(error):
                    raise
                # The same key at the same time in another module, which has another lock.
                raise _conflict(idempotency_key) from error
        states = check_modules(learner.pk, [quiz.module_id])
    return AttemptOutcome(attempt, states[quiz.module_id], earlier is not None)


def _conflict(idempotency_key: UUID | None) -> ProblemError:
    return ProblemError(
        ProblemType.CONTENT_CONFLICT,
        f"The key {idempotency_key} was used before with other answers.",
    )


def _score(quiz: Quiz, answers: Mapping[str, int]) -> Decimal:
    choices: dict[int, dict[int, bool]] = {
        question_id: {} for question_id in quiz.questions.values_list("pk", flat=True)
    }
    for choice in Choice.objects.filter(question__quiz=quiz):
        choices[choice.question_id][choice.pk] = choice.is_correct
    if not choices:
        raise InvalidInput([FieldError("answers", "cannot be scored: the quiz has no questions")])

    by_name = {str(question_id): of_question for question_id, of_question in choices.items()}
    errors = []
    for question, choice_id in answers.items():
        if question not in by_name:
            errors.append(FieldError(f"answers.{question}", "is not a question of this quiz"))
        elif choice_id not in by_name[question]:
            errors.append(FieldError(f"answers.{question}", "is not a choice of this question"))
    if errors:
        raise InvalidInput(errors)

    right = sum(by_name[question][choice_id] for question, choice_id in answers.items())
    return (Decimal(right) * 100 / len(choices)).quantize(Decimal("0.01"), ROUND_HALF_UP)
