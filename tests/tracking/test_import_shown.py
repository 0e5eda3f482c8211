"""An imported week, moved to now, on the manager's screens."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.factories import client_of, make_user

API = "/api/analytics/manager/"
EXTENSIONS = "https://w3id.org/xapi/video/extensions"


def paused(learner: str, timestamp: str, played: str) -> dict[str, object]:
    return {
        "id": f"{learner}-{timestamp}",
        "actor": {"account": {"name": learner, "homePage": "https://lms.example"}},
        "verb": {"id": "https://w3id.org/xapi/video/verbs/paused"},
        "object": {"id": "urn:video:1"},
        "timestamp": timestamp,
        "context": {
            "contextActivities": {"parent": [{"id": "urn:course:1"}]},
            "extensions": {f"{EXTENSIONS}/session-id": learner, f"{EXTENSIONS}/length": 100},
        },
        "result": {"extensions": {f"{EXTENSIONS}/played-segments": played}},
    }


@pytest.mark.usefixtures("committed")
def test_a_week_shifted_to_now_is_the_week_that_managers_see(
    tmp_path: Path, refresh: Callable[[], None]
) -> None:
    file = tmp_path / "week.json"
    file.write_text(
        json.dumps(
            [
                paused("l-1", "2021-11-24T10:00:00Z", "0[.]60"),
                paused("l-2", "2021-12-01T10:00:00Z", "0[.]90[,]0[.]30"),
            ]
        )
    )

    call_command("import_xapi", str(file), "--team", "Imported", "--shift-to-now")
    refresh()

    client = client_of(make_user("admin"))
    summary = client.get(f"{API}team-summary/").json()
    rows = client.get(f"{API}learners/?search=l-").json()
    # The first one's session is the week's oldest moment: seven days and a refresh ago.
    assert (summary["active_24h"], summary["inactive_72h"]) == (1, 1)
    assert summary["avg_focus_mins"] == 2.0
    assert [(row["username"], row["total_focus_mins"]) for row in rows] == [
        ("l-1", 1.0),
        ("l-2", 2.0),
    ]
