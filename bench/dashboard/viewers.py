"""Who looks at the pages, and the browser that they do it in."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from playwright.sync_api import Browser, BrowserContext, ViewportSize

from bench.errors import BenchmarkError
from bench.refresh.population import Population
from bench.servers import run_python

PASSWORD = "for benchmarks only"
WATCH = Path(__file__).parent / "watch.js"
SCREEN: ViewportSize = {"width": 1280, "height": 900}
# Far above what is to be reached: what takes longer is a fault.
PATIENCE_MS = 30_000


@dataclass(frozen=True)
class Viewer:
    """Somebody who sees so many learners."""

    role: str
    username: str
    learners: int


def viewers_of(
    population: Population, connection: psycopg.Connection, environment: Mapping[str, str]
) -> list[Viewer]:
    """Return the manager of the first team and the admin, who can sign in from now on."""
    ids = {"manager": population.first_manager, "admin": population.admin}
    run_python(
        ["-m", "bench.dashboard.passwords", *map(str, ids.values())], environment, stdin=PASSWORD
    )
    return [Viewer(role, *_who(connection, id_)) for role, id_ in ids.items()]


def _who(connection: psycopg.Connection, id_: int) -> tuple[str, int]:
    """Return the user name, and how many learners are in sight."""
    row = connection.execute(
        "select viewer.username, count(*) from tracking_user as viewer"
        " join tracking_user as learner on learner.role = 'learner'"
        " and (viewer.role = 'admin' or learner.team_id = viewer.team_id)"
        " where viewer.id = %s group by viewer.username",
        [id_],
    ).fetchone()
    assert row is not None
    username, learners = row
    return username, learners


@contextlib.contextmanager
def signed_in(browser: Browser, base_url: str, viewer: Viewer) -> Iterator[BrowserContext]:
    """Give a browser that has nothing of the product but the cookie of who signed in.

    Raises BenchmarkError.
    """
    context = browser.new_context(base_url=base_url, viewport=SCREEN)
    context.set_default_timeout(PATIENCE_MS)
    try:
        credentials = {"username": viewer.username, "password": PASSWORD, "cookie": True}
        response = context.request.post("/api/auth/token/", data=credentials)
        if not response.ok:
            raise BenchmarkError(f"{viewer.username} could not sign in: {response.text()}")
        context.add_init_script(path=WATCH)
        yield context
    finally:
        context.close()
