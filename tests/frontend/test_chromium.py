"""Where there is no browser, one sentence says what to do."""

from pathlib import Path

import pytest

from frontend.chromium import NoChromium, find, find_or_install, install


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory in which programs are looked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_the_browser_of_the_machine_is_found_by_its_name(programs: Path) -> None:
    program(programs / "google-chrome", "exit 0")
    assert find() == str(programs / "google-chrome")

    program(programs / "chromium", "exit 0")
    assert find() == str(programs / "chromium")


def test_where_none_can_be_installed_it_is_said_what_is_missing(programs: Path) -> None:
    with pytest.raises(NoChromium, match=r"none of chromium, .* is on the PATH"):
        find_or_install()


def test_what_apt_get_says_is_passed_on(programs: Path) -> None:
    program(programs / "apt-get", "echo Reading lists; echo E: no network; exit 100")

    with pytest.raises(NoChromium, match="could not be installed; apt-get update says: E: no net"):
        install()


def test_both_steps_of_an_install_are_done(programs: Path) -> None:
    program(programs / "apt-get", f'echo "$*" >>{programs}/asked')

    install()

    update, installing = (programs / "asked").read_text().splitlines()
    assert update.endswith("update")
    assert installing.endswith("install --yes --no-install-recommends chromium")
