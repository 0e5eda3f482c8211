"""The seven checks that the design has a person do by hand, done in the browser.

What a person would wait for by the clock on the wall is in the tests marked `long`.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from playwright.sync_api import expect

from tests.browser.people import PASSWORD, Person
from tests.browser.site import Site
from tests.browser.tab import Tab
from tests.faults.proxy import Line, Proxy

# The page gives up on an answer after 20 seconds.
GIVES_UP_MS = 30_000


@contextmanager
def api_as(site: Site, person: Person) -> Iterator[httpx.Client]:
    """The API, used by somebody without a browser."""
    with httpx.Client(base_url=site.stack.base_url, trust_env=False, timeout=10) as client:
        credentials = {"username": person.username, "password": PASSWORD}
        access = client.post("/api/auth/token/", json=credentials).json()["access"]
        client.headers["Authorization"] = f"Bearer {access}"
        yield client


def send_pulse(site: Site, person: Person, seconds: int, at: dt.datetime | None = None) -> None:
    """Let a learner learn for some seconds, now or at another time."""
    course = site.people.film
    pulse = {
        "module": course.module_id,
        "resource": course.resource_ids[0],
        "duration_delta": seconds,
        "occurred_at": (at or dt.datetime.now(dt.UTC)).isoformat(),
    }
    with api_as(site, person) as api:
        reply = api.post("/api/tracking/pulses/", json={"pulses": [pulse]})
    assert reply.status_code == 200, reply.text
    assert [row["status"] for row in reply.json()["results"]] == ["recorded"]


def test_3_a_learner_who_was_inactive_for_73_hours_is_shown_as_inactive(
    tab: Tab, site: Site
) -> None:
    team = site.people.team()
    send_pulse(site, team.learner, 60, at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=73))
    site.refreshed()

    tab.sign_in(team.manager.username, then="/learners")
    row = tab.page.get_by_role("row").filter(has_text=team.learner.username)
    expect(row).to_contain_text("Inactive")

    tab.page.goto("/overview")
    expect(tab.shown("figure-inactive_72h")).to_contain_text("1")


def test_6_data_older_than_two_minutes_carries_a_warning(tab: Tab, site: Site) -> None:
    with site.without("beat"):
        site.refreshed()
        tab.sign_in("manager", "demo")
        expect(tab.shown("freshness")).to_have_attribute("data-status", "fresh")
        expect(tab.shown("stale")).to_have_count(0)

        site.age_figures(dt.timedelta(seconds=121))
        tab.page.reload()
        expect(tab.shown("stale")).to_be_visible()
        expect(tab.shown("freshness")).to_have_attribute("data-status", "stale")
        assert tab.age_seconds() >= 120

        site.age_figures(dt.timedelta(seconds=180))
        tab.page.reload()
        expect(tab.shown("outdated")).to_contain_text("Data may be outdated")
        assert tab.age_seconds() >= 300

    site.refreshed()
    tab.page.reload()
    expect(tab.shown("freshness")).to_have_attribute("data-status", "fresh")
    expect(tab.shown("outdated")).to_have_count(0)


def test_7_an_api_that_does_not_answer_is_told_and_the_last_data_stays(
    tab: Tab, site: Site, network: Proxy
) -> None:
    tab.sign_in("manager", "demo")
    tab.settled()
    figures = tab.page.get_by_role("main")
    shown = {
        name: tab.shown(f"figure-{name}").inner_text()
        for name in ("active_24h", "inactive_72h", "avg_focus_mins", "at_risk_count")
    }

    network.line = Line.SILENT
    tab.page.get_by_role("button", name="Refresh").click()
    expect(figures).to_contain_text("did not answer in time", timeout=GIVES_UP_MS)
    for name, text in shown.items():
        expect(tab.shown(f"figure-{name}")).to_have_text(text, use_inner_text=True)

    network.line = Line.UP
    tab.page.get_by_role("button", name="Refresh").click()
    expect(figures).not_to_contain_text("did not answer in time")
