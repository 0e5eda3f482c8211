"""A week of recorded video sessions, where the recording is at hand: the numbers that go with it.

Without the recording there is nothing here to collect.
"""

import gzip
import json
import random
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from analytics.models import RefreshRun
from analytics.reconcile import reconcile
from analytics.refresh import run_refresh
from tracking.demo import load_demo
from tracking.models import Pulse, ResourceProgress, User

RECORDED = Path(settings.BASE_DIR).parent / "shared" / "data" / "video-statements.json.gz"
COVERED_TOLERANCE_SECONDS = 0.05

if RECORDED.exists():
    EXPECTED: dict[str, Any] = json.loads(RECORDED.with_name("video-expected.json").read_text())

    def _import(path: Path) -> None:
        err = StringIO()
        call_command("import_xapi", str(path), stdout=StringIO(), stderr=err)
        assert "statement" not in err.getvalue()

    def _rows() -> dict[tuple[str, str | None], tuple[int, int]]:
        """Whole seconds watched and milliseconds covered, by learner and video, where any."""
        return {
            (row["user__username"], row["video"]): (row["watch_time_seconds"], row["covered_ms"])
            for row in ResourceProgress.objects.values(
                "user__username",
                "watch_time_seconds",
                "covered_ms",
                video=F("resource__external_id"),
            )
        }

    def _check() -> None:
        rows = _rows()
        expected = {
            (row["actor"], row["video"]): (row["watched_seconds"], row["covered_seconds"])
            for row in EXPECTED["rows"]
        }
        assert {key for key, (watched, covered) in rows.items() if watched or covered} <= set(
            expected
        )
        assert {key: rows[key][0] for key in expected} == {
            key: watched for key, (watched, _) in expected.items()
        }
        assert {
            key: (rows[key][1] / 1000, covered)
            for key, (_, covered) in expected.items()
            if abs(rows[key][1] / 1000 - covered) > COVERED_TOLERANCE_SECONDS
        } == {}
        assert sum(watched for watched, _ in rows.values()) == 277_858
        assert sum(covered for _, covered in rows.values()) == 259_205_497
        assert len({learner for (learner, _), (watched, _) in rows.items() if watched}) == 340

    @pytest.mark.django_db
    @pytest.mark.usefixtures("evidence_adds_up")
    def test_in_order_and_again() -> None:
        _import(RECORDED)
        _check()
        before = list(ResourceProgress.objects.order_by("id").values_list())
        pulses = Pulse.objects.count()

        _import(RECORDED)

        assert list(ResourceProgress.objects.order_by("id").values_list()) == before
        assert Pulse.objects.count() == pulses == EXPECTED["distinct_statements"]

    @pytest.mark.django_db
    @pytest.mark.usefixtures("evidence_adds_up")
    def test_shuffled_with_repeats_as_lines(tmp_path: Path) -> None:
        statements = json.loads(gzip.decompress(RECORDED.read_bytes()))
        chance = random.Random(20_211_124)
        statements += chance.sample(statements, 500)
        chance.shuffle(statements)
        shuffled = tmp_path / "shuffled.ndjson"
        shuffled.write_text("\n".join(json.dumps(statement) for statement in statements))

        _import(shuffled)

        _check()
        assert Pulse.objects.count() == EXPECTED["distinct_statements"]

    @pytest.mark.django_db
    @pytest.mark.usefixtures("evidence_adds_up")
    def test_in_two_parts_that_overlap(tmp_path: Path) -> None:
        statements = json.loads(gzip.decompress(RECORDED.read_bytes()))
        random.Random(5).shuffle(statements)
        for name, part in (("first", statements[:4000]), ("second", statements[2500:])):
            path = tmp_path / name
            path.write_text(json.dumps(part))
            _import(path)

        rows = _rows()
        assert sum(watched for watched, _ in rows.values()) == 277_858
        assert Pulse.objects.count() == EXPECTED["distinct_statements"]

    @pytest.mark.usefixtures("committed")
    def test_what_managers_see_of_it_is_what_the_tables_make() -> None:
        _import(RECORDED)
        load_demo(timezone.now())
        run_refresh(RefreshRun.Trigger.COMMAND)

        result = reconcile(None)

        assert result.mismatches == []
        assert (result.learners, result.learners_passed_over) == (
            User.objects.filter(role="learner").count(),
            0,
        )
        assert result.learners > 446
