"""A test run with services of one's own has a key to sign with, too."""

from __future__ import annotations

import os

import pytest

from tests.plugins.embedded import SECRET_KEY, start_services


@pytest.fixture(autouse=True)
def given_services(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses of both, so that nothing is started; nobody asks them anything."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/lms")
    monkeypatch.setenv("REDIS_URL", "redis://localhost/0")
    monkeypatch.setenv("SECRET_KEY", "to be put back after the test")


def test_a_key_is_there_when_none_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY")

    start_services()

    assert os.environ["SECRET_KEY"] == SECRET_KEY


def test_an_empty_key_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "")

    start_services()

    assert os.environ["SECRET_KEY"] == SECRET_KEY


def test_a_given_key_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "a key of one's own")

    start_services()

    assert os.environ["SECRET_KEY"] == "a key of one's own"
