"""From a learner's pulse to the manager's screen, through everything that `make run` runs."""

import time
from typing import Any

import httpx
import pytest

from tests.flows.running_stack import Stack

pytestmark = pytest.mark.timeout(300)

SHOWN_WITHIN_SECONDS = 90

PEOPLE = """
from tracking.models import Module, Team, User
team = Team.objects.create(name="Flow team")
for role in ("learner", "manager"):
    user = User(username=f"flow-{role}", role=role, team=team)
    user.set_password("flow-password")
    user.save()
resource = Module.objects.filter(is_published=True).first().resources.first()
print(f"/api/modules/{resource.module_id}/resources/{resource.pk}/complete/")
"""


def test_a_pulse_is_on_the_managers_screen_within_90_seconds(stack: Stack) -> None:
    stack.start()
    path = stack.manage("shell", "--no-imports", "-c", PEOPLE).strip()

    with httpx.Client(base_url=stack.base_url, trust_env=False, timeout=10) as client:
        learner = signed_in(client, "flow-learner")
        posted = client.post(path, json={"duration_delta": 300}, headers=learner)
        assert posted.status_code == 200, posted.text

        manager = signed_in(client, "flow-manager")
        summary, (row,) = shown_after(client, manager, posted.json()["server_time"])

    assert {key: summary[key] for key in ("active_24h", "avg_focus_mins", "at_risk_count")} == {
        "active_24h": 1,
        "avg_focus_mins": 5.0,
        "at_risk_count": 0,
    }
    assert (row["username"], row["total_focus_mins"]) == ("flow-learner", 5.0)
    assert (row["modules_in_progress"], row["computed_at"]) == (1, summary["computed_at"])


def signed_in(client: httpx.Client, username: str) -> dict[str, str]:
    reply = client.post(
        "/api/auth/token/", json={"username": username, "password": "flow-password"}
    )
    assert reply.status_code == 200, reply.text
    return {"Authorization": f"Bearer {reply.json()['access']}"}


def shown_after(
    client: httpx.Client, manager: dict[str, str], server_time: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Poll like a dashboard until beat's refresh is newer than the pulse."""
    deadline = time.monotonic() + SHOWN_WITHIN_SECONDS
    while time.monotonic() < deadline:
        summary = client.get("/api/analytics/manager/team-summary/", headers=manager)
        learners = client.get("/api/analytics/manager/learners/", headers=manager)
        is_one_refresh = summary.headers["X-Refresh-Id"] == learners.headers["X-Refresh-Id"]
        if is_one_refresh and summary.json()["computed_at"] > server_time:
            return summary.json(), learners.json()
        time.sleep(2)
    raise AssertionError(f"the pulse was not shown within {SHOWN_WITHIN_SECONDS} s")
