"""Imported video sessions: the numbers worked out by hand, whatever the order or the wrapping."""

import gzip
import json
import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tracking.management.commands.import_xapi import Command
from tracking.models import (
    LearningSession,
    Module,
    Pulse,
    Resource,
    ResourceProgress,
    Team,
    User,
)

VIDEO = "https://w3id.org/xapi/video"
ADL = "http://adlnet.gov/expapi/verbs"
COURSE = "course:pumps"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db

Write = Callable[[Iterable[Any]], Path]


def statement(
    number: int,
    verb: str,
    segments: str | None = None,
    *,
    learner: str = "ana",
    video: str = "video:valves",
    session: str | None = "s1",
    minute: float = 0,
    length: float | None = None,
    course: str | None = COURSE,
) -> dict[str, Any]:
    """A statement with id `number`, `minute` minutes after the start."""
    context: dict[str, Any] = {"extensions": {}}
    if session:
        context["extensions"][f"{VIDEO}/extensions/session-id"] = session
    if course:
        context["contextActivities"] = {"parent": [{"id": course}]}
    result: dict[str, Any] = {}
    if segments is not None:
        result[f"{VIDEO}/extensions/played-segments"] = segments
    if length is not None:
        result[f"{VIDEO}/extensions/length"] = length
    prefix = ADL if verb in {"completed", "terminated", "initialized"} else f"{VIDEO}/verbs"
    return {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "actor": {"account": {"name": learner, "homePage": "https://lms.example.com"}},
        "verb": {"id": f"{prefix}/{verb}"},
        "object": {"id": video, "definition": {"name": {"en-US": "Valves"}}},
        "context": context,
        "result": {"extensions": result},
        "timestamp": (START + timedelta(minutes=minute)).isoformat(),
    }


# ana, session s1: totals 10.4, then 10.4 + 30 = 40.4, then the same and 9.6 more: 50. 50 s.
# ana, session s2: watches 0-20 again, 20.5, rounded half up: 21 s. Together 71 s, seen 0-60.
# ben: one session of 400.2 s, more than one pulse from a browser may claim: 400 s; and completed.
# ben, another video: opened, played only an open segment: no time at all.
STORY = [
    statement(1, "initialized", minute=0),
    statement(2, "paused", "0[.]10.4", minute=1, length=59.2),
    statement(3, "seeked", "0[.]10.4[,]20[.]50[,]12", minute=2, length=60),
    statement(4, "terminated", "0[.]10.4[,]20[.]50[,]10.4[.]20", minute=3),
    statement(5, "paused", "0[.]20[,]30[.]30[,]59.5[.]60", session="s2", minute=90),
    statement(6, "completed", "0[.]400.2", learner="ben", video="video:seals", minute=5),
    statement(7, "played", "12.5", learner="ben", session="s3", minute=8),
]
# Learner, video, seconds, media seen in milliseconds, completed.
EXPECTED_PROGRESS = [
    ("ana", "video:valves", 71, 50_500, False),
    ("ben", "video:seals", 400, 400_200, True),
    ("ben", "video:valves", 0, 0, False),
]
EXPECTED_DELTAS = {1: 0, 2: 10, 3: 30, 4: 10, 5: 21, 6: 400, 7: 0}


def as_array(statements: Iterable[Any]) -> bytes:
    return json.dumps(list(statements), indent=1).encode()


def as_lines(statements: Iterable[Any]) -> bytes:
    return "\n\n".join(json.dumps(item) for item in statements).encode()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def _write(content: Iterable[Any] | bytes, name: str = "statements") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else as_array(content))
        return path

    return _write


def run(path: Path, **options: Any) -> tuple[dict[str, int], list[str]]:
    """The figures of the report by label, and the problems that were told."""
    out, err = StringIO(), StringIO()
    call_command("import_xapi", str(path), stdout=out, stderr=err, **options)
    return figures(out), problems(err)


def figures(out: StringIO) -> dict[str, int]:
    rows = (line.split("  (")[0].rsplit(maxsplit=1) for line in out.getvalue().splitlines())
    return {row[0].strip(): int(row[1].replace(",", "")) for row in rows if row[1][0].isdigit()}


def problems(err: StringIO) -> list[str]:
    return [line for line in err.getvalue().splitlines() if line.startswith("statement")]


def progress() -> list[tuple[str, str | None, int, int, bool]]:
    return list(
        ResourceProgress.objects.order_by("user__username", "resource__external_id").values_list(
            "user__username",
            "resource__external_id",
            "watch_time_seconds",
            "covered_ms",
            "completed",
        )
    )


def stored() -> list[list[tuple[Any, ...]]]:
    """Everything that an import writes, save the time of reception."""
    return [
        list(
            Pulse.objects.order_by("user_id", "pulse_id").values_list(
                "user_id",
                "pulse_id",
                "duration_delta",
                "played",
                "occurred_at",
                "received_at",
                "digest",
            )
        ),
        list(LearningSession.objects.order_by("id").values_list()),
        list(ResourceProgress.objects.order_by("id").values_list()),
        list(User.objects.order_by("id").values_list()),
        list(Resource.objects.order_by("id").values_list()),
        list(Module.objects.order_by("id").values_list()),
    ]


@pytest.mark.parametrize(
    "content",
    [
        as_array(STORY),
        b"\xef\xbb\xbf \n" + as_array(STORY),
        as_lines(STORY),
        gzip.compress(as_array(STORY), mtime=0),
        gzip.compress(as_lines(STORY), mtime=0),
        as_array(reversed(STORY)),
        as_lines(random.Random(7).sample(STORY, len(STORY))),
    ],
    ids=["array", "bom", "lines", "array.gz", "lines.gz", "reversed", "shuffled"],
)
def test_numbers_worked_out_by_hand(write: Callable[..., Path], content: bytes) -> None:
    report, told = run(write(content))

    assert progress() == EXPECTED_PROGRESS
    assert told == []
    assert report == {
        "statements read": 7,
        "pulses recorded": 7,
        "already known": 0,
        "repeated in the file": 0,
        "unknown verbs": 0,
        "broken, skipped": 0,
        "rejected": 0,
        "learners": 2,
        "modules": 1,
        "videos": 2,
        "seconds watched added": 471,
    }


def test_each_statement_is_one_pulse_with_what_it_adds(write: Write) -> None:
    run(write(STORY))

    by_time = list(
        Pulse.objects.order_by("occurred_at").values_list("occurred_at", "duration_delta")
    )
    expected = sorted(
        (datetime.fromisoformat(item["timestamp"]), EXPECTED_DELTAS[number])
        for number, item in enumerate(STORY, start=1)
    )
    assert by_time == expected


def test_catalogue_and_learners(write: Write) -> None:
    run(write([*STORY, statement(8, "played", learner="cy", course=None, video="video:loose")]))

    assert list(
        Resource.objects.order_by("external_id").values_list(
            "module__external_id",
            "module__title",
            "external_id",
            "title",
            "kind",
            "duration_seconds",
        )
    ) == [
        (
            "urn:pulseboard:imported-videos",
            "Imported videos",
            "video:loose",
            "Valves",
            "video",
            None,
        ),
        (COURSE, COURSE, "video:seals", "Valves", "video", None),
        (COURSE, COURSE, "video:valves", "Valves", "video", 60),
    ]
    assert [
        (user.username, user.role, user.team.is_default, user.has_usable_password())
        for user in User.objects.order_by("username")
    ] == [(name, "learner", True, False) for name in ("ana", "ben", "cy")]


def test_second_import_changes_nothing(write: Callable[..., Path]) -> None:
    run(write(STORY))
    before = stored()

    report, told = run(write(as_lines(reversed(STORY)), "again"))

    assert stored() == before
    assert told == []
    assert (report["pulses recorded"], report["already known"]) == (0, 7)
    assert report["seconds watched added"] == 0


def test_statement_repeated_in_a_file_counts_once(write: Write) -> None:
    report, told = run(write([*STORY, STORY[3], STORY[5], STORY[5]]))

    assert progress() == EXPECTED_PROGRESS
    assert (report["statements read"], report["repeated in the file"]) == (10, 3)
    assert told == []


@pytest.mark.parametrize("first", [STORY[:3], STORY[3:], STORY[1::2]])
def test_session_spread_over_files(write: Callable[..., Path], first: list[Any]) -> None:
    run(write(first))
    report, told = run(write(STORY, "whole"))

    assert progress() == EXPECTED_PROGRESS
    assert report["already known"] == len(first)
    assert told == []


def test_same_id_with_other_content_is_told(write: Callable[..., Path]) -> None:
    changed = statement(2, "paused", "0[.]55", minute=1)
    run(write(STORY))

    _, told = run(write([changed], "changed"))

    assert progress() == EXPECTED_PROGRESS
    assert len(told) == 1
    assert told[0].startswith("statement 0: not recorded: The pulse ")


@pytest.mark.parametrize("order", [1, -1])
def test_same_id_twice_in_a_file_with_other_content(write: Write, order: int) -> None:
    later = statement(2, "paused", "0[.]55", minute=1.5)
    content = [*STORY, later][::order]

    report, told = run(write(content))

    assert progress() == EXPECTED_PROGRESS
    assert report["broken, skipped"] == 1
    assert len(told) == 1


def test_unknown_verb_is_named_and_skipped(write: Write) -> None:
    report, told = run(write([*STORY, statement(9, "muted", "0[.]59"), statement(10, "muted")]))

    assert progress() == EXPECTED_PROGRESS
    assert report["unknown verbs"] == 2
    assert report[f"{VIDEO}/verbs/muted"] == 2
    assert told == []


def broken(**changes: Any) -> dict[str, Any]:
    return statement(20, "paused", "0[.]59") | changes


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (7, "the statement is not an object"),
        (None, "the statement is not an object"),
        (broken(actor=None), "actor is missing"),
        (broken(actor={"account": {"name": 5}}), "actor.account.name is not a string"),
        (broken(actor={"name": "Ana"}), "actor has no account, mbox, mbox_sha1sum or openid"),
        (broken(object=[]), "object is not an object"),
        (broken(object={}), "object.id is missing"),
        (broken(object={"id": "a\x00b"}), "object.id holds characters that cannot be stored"),
        (broken(verb="paused"), "verb is not an object"),
        (broken(timestamp=None), "timestamp is missing"),
        (broken(timestamp="yesterday"), "timestamp is not an ISO 8601 time"),
        (broken(timestamp="2026-03-02T09:00:00"), "timestamp names no time zone"),
        (broken(context=3), "context is not an object"),
        (broken(id=4), "id is not a string"),
        (statement(20, "paused", "9[.]4"), "played-segments goes backwards in '9[.]4'"),
        (statement(20, "paused", "0[.]x"), "played-segments has no number in 'x'"),
        (
            statement(20, "paused", "0[.]inf"),
            "played-segments has 'inf', which is not from 0 to 86400",
        ),
        (
            statement(20, "paused", "-1[.]4"),
            "played-segments has '-1', which is not from 0 to 86400",
        ),
        (statement(20, "paused", "1[,]2[.]3"), "played-segments has no segment in '1'"),
    ],
)
def test_broken_statement_is_told_with_its_index(write: Write, item: Any, reason: str) -> None:
    report, told = run(write([*STORY[:2], item, *STORY[2:]]))

    assert told == [f"statement 2: {reason}"]
    assert progress() == EXPECTED_PROGRESS
    assert (report["statements read"], report["broken, skipped"]) == (8, 1)


def test_line_that_is_not_json(write: Callable[..., Path]) -> None:
    lines = as_lines(STORY).split(b"\n\n")
    content = b"\n".join([b"{not json", *lines[:2], b'{"id": NaN}', *lines[2:]])

    report, told = run(write(content))

    assert [line.split(": ")[:2] for line in told] == [
        ["statement 0", "the line is not JSON"],
        ["statement 3", "the line is not JSON"],
    ]
    assert progress() == EXPECTED_PROGRESS
    assert report["broken, skipped"] == 2


@pytest.mark.parametrize(
    "cut",
    [
        lambda whole: whole[: whole.index(b'"id": "00000000-0000-4000-8000-000000000006"')],
        lambda whole: whole.replace(b'"id": "00000000-0000-4000-8000-000000000006"', b'"id": oops'),
    ],
    ids=["cut off", "broken inside"],
)
def test_array_that_breaks_off(write: Callable[..., Path], cut: Callable[[bytes], bytes]) -> None:
    out, err = StringIO(), StringIO()
    path = write(cut(as_array(STORY)))

    with pytest.raises(SystemExit) as exit_info:
        call_command("import_xapi", str(path), stdout=out, stderr=err)

    assert exit_info.value.code == 1
    assert [line.split(": ")[:2] for line in problems(err)] == [
        ["statement 5", "the JSON array is broken here"]
    ]
    assert progress() == EXPECTED_PROGRESS[:1]


def test_compressed_file_that_breaks_off(write: Callable[..., Path]) -> None:
    many = [statement(number, "played", minute=number) for number in range(2000)]
    content = gzip.compress(as_lines(many), compresslevel=0)
    path = write(content[: len(content) // 2])

    with pytest.raises(SystemExit):
        run(path)

    assert 900 < Pulse.objects.count() < 1000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b" \n ", "the file is empty"),
        (gzip.compress(b"", mtime=0), "the file is empty"),
        (b"hello\nworld\n", "the file is not JSON"),
        (b"\x1f\x8bnot really", "Unknown compression method"),
        (None, "No such file or directory"),
    ],
)
def test_file_without_statements(
    write: Callable[..., Path], tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "absent" if content is None else write(content)

    with pytest.raises(CommandError) as error_info:
        run(path, team="New team")

    assert str(path) in str(error_info.value)
    assert "\n" not in str(error_info.value)
    assert message in str(error_info.value)
    assert not Team.objects.filter(name="New team").exists()
    assert not User.objects.exists()


def test_ctrl_c_keeps_what_was_imported(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(command: Command, done: int, total: int) -> None:
        raise KeyboardInterrupt

    path = write(STORY)
    with monkeypatch.context() as patch:
        patch.setattr(Command, "_progress", interrupt)
        with pytest.raises(CommandError, match="run the same command again") as error_info:
            run(path)

    assert error_info.value.returncode == 130
    assert progress() == EXPECTED_PROGRESS[:1]

    report, told = run(path)

    assert progress() == EXPECTED_PROGRESS
    assert (report["already known"], told) == (5, [])


def test_team_is_for_new_learners(write: Write) -> None:
    own = Team.objects.create(name="Own team")
    User.objects.create_user("ana", team=own)

    run(write(STORY), team="Night shift")

    teams = dict(User.objects.values_list("username", "team__name"))
    assert teams == {"ana": "Own team", "ben": "Night shift"}


def test_shift_to_now_moves_times_and_nothing_else(write: Callable[..., Path]) -> None:
    before = datetime.now(UTC)
    run(write(STORY), shift_to_now=True)

    assert progress() == EXPECTED_PROGRESS
    times = list(Pulse.objects.order_by("occurred_at").values_list("occurred_at", flat=True))
    assert before <= times[-1] <= datetime.now(UTC)
    assert times[-1] - times[0] == timedelta(minutes=90)

    stood = stored()
    for again in (True, False):
        report, told = run(write(STORY, "again"), shift_to_now=again)
        assert (report["already known"], told) == (7, [])
    assert stored() == stood


def test_larger_length_known_later(write: Callable[..., Path]) -> None:
    run(write(STORY))
    run(write([statement(30, "seeked", minute=4, length=61.01)], "longer"))
    run(write([statement(31, "seeked", minute=5, length=30)], "shorter"))

    assert Resource.objects.get(external_id="video:valves").duration_seconds == 62


def test_statements_without_session_belong_to_their_day(write: Write) -> None:
    day = 24 * 60
    run(
        write(
            [
                statement(1, "paused", "0[.]30", session=None, minute=0),
                statement(2, "paused", "0[.]20", session=None, minute=5),
                statement(3, "paused", "0[.]25", session=None, minute=day),
            ]
        )
    )

    assert progress() == [("ana", "video:valves", 55, 30_000, False)]


def test_statement_without_id_is_known_by_its_content(write: Callable[..., Path]) -> None:
    nameless = [{key: item[key] for key in item if key != "id"} for item in STORY]
    run(write(nameless))
    report, _ = run(write(as_lines([*nameless, nameless[0]]), "again"))

    assert progress() == EXPECTED_PROGRESS
    assert (report["already known"], report["repeated in the file"]) == (7, 1)


@pytest.mark.parametrize(
    ("actor", "username"),
    [
        ({"mbox": "mailto:dee@example.com"}, "dee@example.com"),
        ({"mbox_sha1sum": "AB" * 20}, f"mbox-{'ab' * 20}"),
        (
            {"openid": "https://id.example.com/dee"},
            "openid-06b9cab6-9d89-5d13-8b71-4886e911b542",
        ),
    ],
)
def test_user_name_of_an_actor(write: Write, actor: dict[str, Any], username: str) -> None:
    run(write([STORY[1] | {"actor": actor}]))

    assert User.objects.get().username == username


def test_unpublished_module_rejects_with_index(write: Callable[..., Path]) -> None:
    Module.objects.create(title="Pumps", external_id=COURSE, is_published=False)

    report, told = run(write(STORY[:1]))

    assert report["rejected"] == 1
    assert told[0].startswith("statement 0: not recorded: Module ")
    assert not Pulse.objects.exists()
