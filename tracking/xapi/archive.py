"""All statements of a file, each once, and the videos that they are about."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracking.xapi.fields import BrokenStatement
from tracking.xapi.file import BrokenFile, UnreadableLine, read_items
from tracking.xapi.report import ImportReport, OnProblem
from tracking.xapi.statement import (
    KNOWN_VERBS,
    VideoFacts,
    VideoKey,
    Viewing,
    read_facts,
    read_viewing,
    statement_id,
    verb_of,
)


@dataclass
class Archive:
    """The usable statements of a file by id, each with its index, and the videos they are about."""

    viewings: dict[str, tuple[int, Viewing]] = field(default_factory=dict)
    videos: dict[VideoKey, VideoFacts] = field(default_factory=dict)

    @property
    def newest_at(self) -> dt.datetime:
        return max(viewing.occurred_at for _, viewing in self.viewings.values())

    def by_learner(self) -> dict[str, list[tuple[int, str, Viewing]]]:
        """Index, id and content of each learner's statements, in the order of their times."""
        found: dict[str, list[tuple[int, str, Viewing]]] = defaultdict(list)
        for identifier, (index, viewing) in self.viewings.items():
            found[viewing.learner].append((index, identifier, viewing))
        for statements in found.values():
            statements.sort(key=lambda statement: (statement[2].occurred_at, statement[1]))
        return dict(sorted(found.items()))


def read_archive(path: Path, report: ImportReport, on_problem: OnProblem) -> Archive:
    """Everything in the file that can be used; `on_problem` hears of the rest, by index.

    Raises `NotStatements`.
    """
    archive = Archive()
    # Most statements share their learner, video and session: each of those is kept once.
    shared: dict[Any, Any] = {}
    try:
        for index, item in read_items(path):
            report.statements += 1
            try:
                _add(archive, index, item, report, shared)
            except BrokenStatement as problem:
                report.broken += 1
                on_problem(index, str(problem))
    except BrokenFile as broken:
        report.is_complete = False
        on_problem(broken.index, broken.reason)
    return archive


def _add(
    archive: Archive, index: int, item: Any, report: ImportReport, shared: dict[Any, Any]
) -> None:
    if isinstance(item, UnreadableLine):
        raise BrokenStatement(item.reason)
    if not isinstance(item, dict):
        raise BrokenStatement("the statement is not an object")
    verb = verb_of(item)
    if verb not in KNOWN_VERBS:
        report.unknown_verbs[verb] += 1
        return
    viewing = read_viewing(item)
    viewing = viewing._replace(
        learner=shared.setdefault(viewing.learner, viewing.learner),
        video=shared.setdefault(viewing.video, viewing.video),
        session=shared.setdefault(viewing.session, viewing.session),
    )
    identifier = statement_id(item)
    _add_facts(archive, viewing.video, read_facts(item))

    earlier_index, earlier = archive.viewings.setdefault(identifier, (index, viewing))
    if earlier_index == index:
        return
    if earlier == viewing:
        report.repeated += 1
        return
    # The same one of the two stands whatever their order in the file.
    if viewing < earlier:
        archive.viewings[identifier] = (index, viewing)
    raise BrokenStatement(
        f"its id {identifier} is that of statement {earlier_index} with other content;"
        " the earlier one by time is taken"
    )


def _add_facts(archive: Archive, video: VideoKey, facts: VideoFacts) -> None:
    known = archive.videos.setdefault(video, facts)
    known.length = max(known.length, facts.length)
    known.title = min(known.title, facts.title)
    known.course_title = min(known.course_title, facts.course_title)
