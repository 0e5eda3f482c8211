"""All evidence behind one learner's figures, for a person or for a program."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import chain, groupby
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError

from config.commands import ProductCommand
from tracking.evidence import (
    LearnerEvidence,
    ModuleEvidence,
    NobodyThere,
    RecordedPulse,
    ResourceEvidence,
    Sum,
    find_learner,
    read_evidence,
    session_end,
    stream_pulses,
)
from tracking.models import LearningSession, SealedPulses, User
from tracking.snapshot import snapshot
from tracking.wording import intervals_of, media_text, row_text, time_text


class Command(ProductCommand):
    help = (
        "Print the evidence behind a learner's figures: every pulse, session and completion, and "
        "whether they add up. Only reads. Exit code 1 when something differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("learner", metavar="ID", help="the id of a user, or the user name")
        parser.add_argument(
            "--name", action="store_true", help="ID is a user name, even if it is a number"
        )
        parser.add_argument("--json", action="store_true", help="one JSON document, on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with snapshot():
                learner = find_learner(options["learner"], is_name=options["name"])
                self._tell_namesake(options["learner"], learner)
                evidence = read_evidence(learner)
                lines = _json_lines(evidence) if options["json"] else _text_lines(evidence)
                for line in lines:
                    self.stdout.write(line)
        except NobodyThere as error:
            raise CommandError(str(error)) from error
        except (DatabaseError, InterfaceError) as error:
            reason = " ".join(str(error).split())
            raise CommandError(f"the evidence could not be read: {reason}") from error
        if not evidence.agrees:
            sys.exit(1)

    def _tell_namesake(self, text: str, learner: User) -> None:
        namesake = User.objects.filter(username=text).exclude(pk=learner.pk).first()
        if namesake:
            self.stderr.write(
                f"{text} is also the user name of user {namesake.pk}; --name asks for that one."
            )


# --- For a person ----------------------------------------------------------------------------


def _text_lines(evidence: LearnerEvidence) -> Iterator[str]:
    learner = evidence.learner
    name = f" ({learner.get_full_name()})" if learner.get_full_name() else ""
    yield f"User {learner.pk}: {learner.username}{name}, {learner.role}, team {learner.team}"
    yield ""
    yield from _dashboard_lines(evidence)
    by_module = groupby(stream_pulses(evidence), key=lambda pulse: pulse.module_id)
    ahead = next(by_module, None)
    for module in evidence.modules:
        yield ""
        if ahead and ahead[0] == module.module_id:
            yield from _module_lines(module, ahead[1])
            ahead = next(by_module, None)
        else:
            yield from _module_lines(module, iter(()))
    yield ""
    yield "Sums"
    for each in chain(evidence.sums, evidence.dashboard_sums):
        yield f"  {_sum_text(each)}"
    if not all(each.agrees for each in evidence.dashboard_sums):
        yield (
            "  What was under way while the dashboard was computed may be on either side of its "
            "time: refresh and audit again."
        )
    for result in evidence.broken:
        yield f"  sql/checks/{result.name}.sql is broken, {result.row_count:,} rows:"
        for row in result.rows:
            yield f"    {row_text(result.columns, row)}"
    yield ""
    yield "Everything agrees." if evidence.agrees else "Something DIFFERS."


def _dashboard_lines(evidence: LearnerEvidence) -> Iterator[str]:
    shown = evidence.dashboard
    if not shown:
        yield f"Not on the dashboard: {evidence.not_shown}."
        return
    last_active = time_text(shown.last_active_at) if shown.last_active_at else "never"
    yield f"On the dashboard, as of {time_text(shown.computed_at)}"
    yield f"  focus        {shown.focus_seconds:,} s, shown as {shown.total_focus_mins} minutes"
    yield (
        f"  modules      {shown.modules_total}: {shown.modules_completed} completed,"
        f" {shown.modules_in_progress} in progress"
    )
    yield f"  last active  {last_active}: {shown.status}"


def _module_lines(module: ModuleEvidence, pulses: Iterator[RecordedPulse]) -> Iterator[str]:
    if module.title is None:
        yield f"Module {module.module_id}, deleted since: its evidence is in no figure"
    else:
        accessed = (
            f", last accessed {time_text(module.last_accessed)}" if module.last_accessed else ""
        )
        yield f"Module {module.module_id}: {module.title}, {module.status}{accessed}"
    if module.completed_at:
        yield f"  completed {time_text(module.completed_at)} by"
        for piece in module.completed_by:
            yield f"    {piece.kind} {piece.pk}, {time_text(piece.at)}"
    yield from _session_lines(module, pulses)
    for subtotal in module.sealed:
        yield f"  {_subtotal_text(subtotal)}"
    for resource in module.resources:
        yield f"  {_resource_text(resource)}"
    for attempt in module.attempts:
        yield (
            f"  quiz attempt {attempt.pk}: {time_text(attempt.timestamp)}, {attempt.score} %,"
            f" {'passed' if attempt.passed else 'failed'}"
        )
    for submission in module.submissions:
        yield f"  submission {submission.pk}: {time_text(submission.submitted_at)}"


def _session_lines(module: ModuleEvidence, pulses: Iterator[RecordedPulse]) -> Iterator[str]:
    """Sessions, each with the pulses in it; a pulse in none stands where its time is."""
    waiting = list(reversed(module.sessions))
    for pulse in pulses:
        while waiting and waiting[-1].start_time <= pulse.occurred_at:
            yield _session_text(waiting.pop())
        yield f"    {_pulse_text(pulse, is_lost=pulse.session_id is None and bool(module.title))}"
    while waiting:
        yield _session_text(waiting.pop())


def _session_text(session: LearningSession) -> str:
    return (
        f"  session {session.pk}: {time_text(session.start_time)} to"
        f" {time_text(session_end(session))}, {session.focus_duration_seconds:,} s"
    )


def _pulse_text(pulse: RecordedPulse, *, is_lost: bool) -> str:
    remarks = [
        f"played {media_text(pulse.played)}" if pulse.played else "",
        "claims completion" if pulse.completed else "",
        "from the future, set to its reception" if pulse.is_clamped else "",
        f"clock corrected by {pulse.clock_offset_seconds:+,} s"
        if pulse.clock_offset_seconds is not None
        else "",
        "IN NO SESSION" if is_lost else "",
    ]
    told = "".join(f", {remark}" for remark in remarks if remark)
    return (
        f"{time_text(pulse.occurred_at)} pulse {pulse.pulse_id}: resource {pulse.resource_id},"
        f" {pulse.duration_delta} s, received {time_text(pulse.received_at)}{told}"
    )


def _subtotal_text(subtotal: SealedPulses) -> str:
    played = f", played {media_text(subtotal.played)}" if subtotal.played else ""
    claim = f", completion claimed {time_text(subtotal.claimed_at)}" if subtotal.claimed_at else ""
    return (
        f"sealed {subtotal.day}: resource {subtotal.resource_id}, {subtotal.pulses:,} pulses"
        f" from {time_text(subtotal.first_at)} to {time_text(subtotal.last_at)},"
        f" {subtotal.duration_seconds:,} s{played}{claim}"
    )


def _resource_text(resource: ResourceEvidence) -> str:
    if resource.title is None:
        return f"resource {resource.resource_id}, deleted since"
    completed = f", completed {time_text(resource.completed_at)}" if resource.completed_at else ""
    return (
        f"resource {resource.resource_id}: {resource.title}, {resource.watch_time_seconds:,} s,"
        f" seen {media_text(resource.watched)}{completed}"
    )


def _sum_text(each: Sum) -> str:
    made_of = " + ".join(
        f"{name} {_amount(value, each.unit)}" for name, value in each.terms.items()
    )
    if len(each.terms) > 1:
        made_of += f" = {_amount(sum(each.terms.values()), each.unit)}"
    verdict = "agrees" if each.agrees else f"DIFFERS by {_amount(abs(each.difference), each.unit)}"
    return f"{each.of}: {made_of}, {each.figure} {_amount(each.value, each.unit)}: {verdict}"


def _amount(value: int, unit: str) -> str:
    if unit == "ms":
        return f"{value / 1000:,.10g} s"
    return f"{value:,} {unit}".rstrip()


# --- For a program ---------------------------------------------------------------------------


def _json_lines(evidence: LearnerEvidence) -> Iterator[str]:
    """One document, a line at a time: the pulses, of which there may be very many, come last."""
    learner = evidence.learner
    shown = evidence.dashboard
    head = {
        "learner": {
            "id": learner.pk,
            "username": learner.username,
            "full_name": learner.get_full_name(),
            "role": learner.role,
            "is_active": learner.is_active,
            "team": str(learner.team),
        },
        "dashboard": shown
        and {
            "computed_at": _json_time(shown.computed_at),
            "status": shown.status,
            "focus_seconds": shown.focus_seconds,
            "total_focus_mins": float(shown.total_focus_mins),
            "modules_total": shown.modules_total,
            "modules_completed": shown.modules_completed,
            "modules_in_progress": shown.modules_in_progress,
            "last_active_at": _json_time(shown.last_active_at),
        },
        "not_on_dashboard": evidence.not_shown,
        "agrees": evidence.agrees,
        "sums": [_json_sum(each) for each in [*evidence.sums, *evidence.dashboard_sums]],
        "broken_rules": [
            {
                "rule": result.name,
                "rows": result.row_count,
                "first_rows": [row_text(result.columns, row) for row in result.rows],
            }
            for result in evidence.broken
        ],
        "modules": [_json_module(module) for module in evidence.modules],
    }
    yield json.dumps(head, indent=1).removesuffix("\n}") + ',\n "pulses": ['
    written = ""
    for pulse in stream_pulses(evidence):
        if written:
            yield f"{written},"
        written = f"  {json.dumps(_json_pulse(pulse))}"
    if written:
        yield written
    yield " ]\n}"


def _json_sum(each: Sum) -> dict[str, Any]:
    return {
        "of": each.of,
        "terms": dict(each.terms),
        "figure": each.figure,
        "value": each.value,
        "unit": each.unit,
        "difference": each.difference,
        "agrees": each.agrees,
    }


def _json_module(module: ModuleEvidence) -> dict[str, Any]:
    return {
        "id": module.module_id,
        "title": module.title,
        "is_deleted": module.title is None,
        "status": module.status,
        "last_accessed": _json_time(module.last_accessed),
        "completed_at": _json_time(module.completed_at),
        "completed_by": [
            {"kind": piece.kind, "id": piece.pk, "at": _json_time(piece.at)}
            for piece in module.completed_by
        ],
        "sessions": [
            {
                "id": session.pk,
                "from": _json_time(session.start_time),
                "to": _json_time(session_end(session)),
                "focus_seconds": session.focus_duration_seconds,
            }
            for session in module.sessions
        ],
        "sealed": [
            {
                "day": str(subtotal.day),
                "resource": subtotal.resource_id,
                "pulses": subtotal.pulses,
                "seconds": subtotal.duration_seconds,
                "played": intervals_of(subtotal.played),
                "first_at": _json_time(subtotal.first_at),
                "last_at": _json_time(subtotal.last_at),
                "claimed_at": _json_time(subtotal.claimed_at),
            }
            for subtotal in module.sealed
        ],
        "resources": [
            {
                "id": resource.resource_id,
                "title": resource.title,
                "is_deleted": resource.title is None,
                "watch_time_seconds": resource.watch_time_seconds,
                "seen": intervals_of(resource.watched),
                "completed_at": _json_time(resource.completed_at),
            }
            for resource in module.resources
        ],
        "quiz_attempts": [
            {
                "id": attempt.pk,
                "at": _json_time(attempt.timestamp),
                "score": float(attempt.score),
                "passed": attempt.passed,
            }
            for attempt in module.attempts
        ],
        "submissions": [
            {"id": submission.pk, "at": _json_time(submission.submitted_at)}
            for submission in module.submissions
        ],
    }


def _json_pulse(pulse: RecordedPulse) -> dict[str, Any]:
    return {
        "id": str(pulse.pulse_id),
        "module": pulse.module_id,
        "resource": pulse.resource_id,
        "session": pulse.session_id,
        "occurred_at": _json_time(pulse.occurred_at),
        "received_at": _json_time(pulse.received_at),
        "seconds": pulse.duration_delta,
        "played": intervals_of(pulse.played),
        "completed": pulse.completed,
        "is_clamped": pulse.is_clamped,
        "clock_offset_seconds": pulse.clock_offset_seconds,
    }


def _json_time(at: Any) -> str | None:
    return time_text(at) if at else None
