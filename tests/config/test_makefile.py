"""What `make` says on a fresh machine, before anything of the project is installed."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.embedded.addresses import CHECKOUT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What `make` reads of a fresh checkout."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    shutil.copy(CHECKOUT / "Makefile", checkout)
    shutil.copytree(CHECKOUT / "requirements", checkout / "requirements")
    return checkout


def make(
    checkout: Path, *arguments: str, path: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `make`, with the programs in `path` found before all others."""
    # Neither what a surrounding `make test PYTHON=...` hands on nor the language of the machine.
    ours = ("PYTHON", "POSTGRES", "MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MAKELEVEL")
    environment = {key: value for key, value in os.environ.items() if key not in ours}
    programs = [str(path)] if path else []
    environment["PATH"] = os.pathsep.join([*programs, os.environ.get("PATH", os.defpath)])
    return subprocess.run(
        ["make", *arguments],
        cwd=checkout,
        env={**environment, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def python_of_version(version: tuple[int, int, int], executable: Path) -> Path:
    """Make a Python that answers like that version; it can do nothing but `-c`."""
    answer = f"import sys; sys.version_info = {version}; exec(sys.argv[2])"
    command = shlex.join([sys.executable, "-c", answer])
    executable.parent.mkdir(exist_ok=True)
    executable.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    executable.chmod(0o755)
    return executable


def assert_refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One line says what is wrong and what to do; all else on stderr is make's own last word."""
    assert done.returncode != 0
    error, *rest = done.stderr.splitlines()
    assert error.startswith("error: ")
    for word in words:
        assert word in error
    assert [line for line in rest if not line.startswith("make: ***")] == []
    assert done.stdout == ""


@pytest.mark.parametrize("version", [(3, 10, 14), (3, 15, 0)])
@pytest.mark.parametrize("target", ["run", "test"])
def test_a_machine_whose_python3_is_of_another_time_is_told_so(
    checkout: Path, tmp_path: Path, target: str, version: tuple[int, int, int]
) -> None:
    python = python_of_version(version, tmp_path / "bin" / "python3")

    done = make(checkout, target, path=python.parent)

    found = ".".join(map(str, version))
    assert_refused(done, f"python3 is Python {found}", "needs 3.11 to 3.14", "make run PYTHON=")
    assert not (checkout / ".venv").exists()


def test_a_python_named_on_the_command_line_is_looked_at_the_same_way(
    checkout: Path, tmp_path: Path
) -> None:
    python = python_of_version((3, 10, 14), tmp_path / "bin" / "an-old-python")

    done = make(checkout, "run", f"PYTHON={python}")

    assert_refused(done, f"{python} is Python 3.10.14", "needs 3.11 to 3.14")


def test_a_python_that_is_not_there_is_named(checkout: Path) -> None:
    done = make(checkout, "run", "PYTHON=python9.9")

    assert_refused(
        done, "there is no python9.9", "install Python 3.11 or newer", "make run PYTHON="
    )


def test_a_python_that_does_not_work_is_named(checkout: Path) -> None:
    done = make(checkout, "run", "PYTHON=false")

    assert_refused(done, "false does not work", "make run PYTHON=")


def test_a_place_that_cannot_be_written_is_named(checkout: Path) -> None:
    # Below a file not even root, whom permissions do not stop, can make a directory.
    (checkout / "occupied").write_text("")

    done = make(checkout, "run", f"PYTHON={sys.executable}", "VENV=occupied/.venv")

    assert_refused(done, f"cannot write to {checkout}", "make it writable")


def test_an_environment_that_cannot_be_brought_up_to_date_is_named(checkout: Path) -> None:
    environment = checkout / ".venv"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(sys.executable)
    (environment / "made-for").write_text(f"some Python in {checkout}\n")
    # A link to nowhere keeps root, too, from writing a file of that name.
    (environment / "unfinished").symlink_to(checkout / "nowhere" / "unfinished")

    done = make(checkout, "run")

    assert_refused(done, f"cannot write to {checkout}/.venv", "make it writable")


def test_there_is_nothing_to_stop_on_a_fresh_machine(checkout: Path) -> None:
    done = make(checkout, "stop")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("arguments", [[], ["help"]])
def test_make_alone_says_what_there_is(checkout: Path, arguments: list[str]) -> None:
    done = make(checkout, *arguments)

    offered = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("  make ")}
    assert (done.returncode, done.stderr) == (0, "")
    assert {"run", "stop", "test", "lint"} <= offered


def test_everything_that_help_offers_is_there(checkout: Path) -> None:
    offered = [
        line.split()[1]
        for line in make(checkout, "help").stdout.splitlines()
        if line.startswith("  make ")
    ]

    assert make(checkout, "--dry-run", *offered).returncode == 0


def test_a_postgresql_that_is_not_there_is_named(checkout: Path) -> None:
    """An environment that is up to date, so that nothing but the database is missing."""
    environment = checkout / ".venv"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(sys.executable)
    (environment / "made-for").write_text(f"some Python in {checkout}\n")
    shutil.copy(checkout / "requirements" / "dev.txt", environment / "dev.lock")
    # No apt, whoever runs this test.
    programs = checkout / "programs"
    programs.mkdir()
    (programs / "id").write_text("#!/bin/sh\necho 1000\n")
    (programs / "id").chmod(0o755)

    done = make(
        checkout, "test", "POSTGRES=15", f"POSTGRES_BINARIES={checkout}/none", path=programs
    )

    assert_refused(
        done,
        f"there is no PostgreSQL 15 in {checkout}/none",
        "apt install postgresql-15",
        "make test POSTGRES=15 POSTGRES_BINARIES=",
    )
