from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.running_stack import Stack, stack_in


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with stack_in(tmp_path) as stack:
        yield stack
