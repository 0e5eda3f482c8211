"""What an import tells: of each problem and its progress on the way, and in the end of it all."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

# The 0-based index of a statement and what is wrong with it.
OnProblem = Callable[[int, str], None]
# How many learners of how many are done.
OnProgress = Callable[[int, int], None]


@dataclass
class ImportReport:
    """What was read, and what became of it; all but `watched_seconds` are counts."""

    statements: int = 0
    repeated: int = 0
    broken: int = 0
    unknown_verbs: Counter[str] = field(default_factory=Counter)
    recorded: int = 0
    known: int = 0
    rejected: int = 0
    learners: int = 0
    learners_created: int = 0
    modules: int = 0
    modules_created: int = 0
    videos: int = 0
    videos_created: int = 0
    watched_seconds: int = 0
    is_complete: bool = True
