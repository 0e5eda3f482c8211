"""Every example of sql/README.md runs, in psql, as somebody who may do nothing but read."""

import datetime as dt
import re
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from config.sql import SQL_DIR
from tests.factories import claim, make_learner, make_module, record
from tests.reader import Reader, reader

README = (SQL_DIR / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```(?:sql|psql)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.fixture
def anna(committed: None) -> Iterator[Reader]:
    with reader() as somebody:
        yield somebody


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 10
    assert any("\\copy" in example for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_runs(anna: Reader, refresh: Callable[[], None], example: str) -> None:
    learner, now = make_learner(username="lea"), timezone.now()
    record(
        learner,
        claim(make_module().resources.get(), at=now - dt.timedelta(minutes=1)),
        received_at=now,
    )
    refresh()

    done = anna.psql(example)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
