"""What the read side tells the caller besides the problems of every request."""

from django.conf import settings

from config.problems import ProblemError, ProblemType


class NotComputedYet(ProblemError):
    """503: no refresh has finished since the views were built."""

    def __init__(self) -> None:
        super().__init__(
            ProblemType.NOT_COMPUTED,
            ProblemType.NOT_COMPUTED.meaning,
            retry_after_seconds=settings.REFRESH_INTERVAL_SECONDS,
        )


def no_such_learner() -> ProblemError:
    """404 for a learner who does not exist and for one outside the scope alike."""
    return ProblemError(ProblemType.NOT_FOUND, "There is no such learner that you may see.")


def no_such_team(team: int) -> ProblemError:
    """404 for a team that does not exist and for one outside the scope alike."""
    return ProblemError(ProblemType.NOT_FOUND, f"team: there is no team {team} that you may see.")
