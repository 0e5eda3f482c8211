"""What `make run` says when it cannot start, and the configuration it writes."""

from __future__ import annotations

import configparser
import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config.embedded.addresses import CHECKOUT
from config.embedded.services import EmbeddedServices
from config.stack.errors import StackError
from config.stack.lock import stack_lock
from config.stack.options import Options, read_options
from config.stack.preflight import (
    MAKE_A_KEY,
    check_database,
    check_host,
    check_port,
    check_python,
    check_redis,
)
from config.stack.processes import MARKER, end_marked_processes
from config.stack.programs import supervisor_configuration

PASSWORD = "swordfish"


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_stack(home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "config.stack"],
        cwd=CHECKOUT,
        env={**os.environ, "PULSEBOARD_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def options(home: Path, database_url: str | None = None, host: str = "127.0.0.1") -> Options:
    return Options(
        services=EmbeddedServices(home),
        host=host,
        port=8000,
        database_url=database_url,
        redis_url=None,
        has_secret_key=False,
    )


def assert_refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One line on stderr with all the words; no traceback and no password anywhere."""
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    for word in words:
        assert word in done.stderr
    assert PASSWORD not in done.stdout + done.stderr


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = run_stack(tmp_path, PORT=str(port))
    assert_refused(done, f"port {port} is taken by another program", "make run PORT=")


@pytest.mark.parametrize("port", ["0", "65536", "http", "80.5", "-1", "٨٠"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(StackError, match="not a port number from 1 to 65535"):
        read_options({"PORT": port})


def test_empty_variables_count_as_absent() -> None:
    names = ("PORT", "HOST", "DATABASE_URL", "REDIS_URL", "SECRET_KEY")
    found = read_options(dict.fromkeys(names, ""))
    assert (found.port, found.host) == (8000, "127.0.0.1")
    assert (found.database_url, found.redis_url) == (None, None)
    assert not found.has_secret_key


@pytest.mark.parametrize("key", [None, ""])
def test_a_database_of_ones_own_needs_a_key_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    monkeypatch.delenv("SECRET_KEY")
    home = tmp_path / "home"
    done = run_stack(
        home,
        DATABASE_URL=f"postgresql://learner:{PASSWORD}@127.0.0.1:{unused_port()}/lms",
        **({} if key is None else {"SECRET_KEY": key}),
    )
    assert_refused(done, "SECRET_KEY is not set", "DATABASE_URL", MAKE_A_KEY)
    assert done.stdout == ""
    assert not home.exists()


def test_the_named_command_makes_a_key_another_one_every_time() -> None:
    _, *arguments = shlex.split(MAKE_A_KEY)
    keys = {
        subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, check=True
        ).stdout.strip()
        for _ in range(2)
    }
    assert len(keys) == 2
    assert min(map(len, keys)) >= 64


def test_the_demo_with_its_public_passwords_is_not_put_on_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    home = tmp_path / "home"
    done = run_stack(home, HOST="0.0.0.0", PORT=str(unused_port()))
    assert_refused(
        done,
        "HOST=0.0.0.0 would put the demo, with its public passwords, on the network",
        "give DATABASE_URL and SECRET_KEY to serve others",
    )
    assert done.stdout == ""
    assert not home.exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "0", "::", "192.0.2.1", "2001:db8::1"])
def test_every_form_of_an_address_for_others_is_refused_to_the_demo(
    tmp_path: Path, host: str
) -> None:
    embedded = EmbeddedServices(tmp_path).database_url
    with pytest.raises(StackError, match="on the network"):
        check_host(options(tmp_path, host=host))
    with pytest.raises(StackError, match="on the network"):
        check_host(options(tmp_path, embedded, host))
    check_host(options(tmp_path, "postgresql://localhost/lms", host))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "localhost", "::1"])
def test_the_demo_may_listen_on_every_form_of_loopback(tmp_path: Path, host: str) -> None:
    check_host(options(tmp_path, host=host))


@pytest.mark.parametrize("host", ["[::1]", "a" * 64])
def test_a_host_that_is_none_is_named_with_the_default(tmp_path: Path, host: str) -> None:
    with pytest.raises(StackError, match=r"cannot listen on HOST .*; the default is 127\.0\.0\.1"):
        check_host(options(tmp_path, host=host))
    with pytest.raises(StackError, match=r"cannot listen on HOST .*; the default is 127\.0\.0\.1"):
        check_port(options(tmp_path, "postgresql://localhost/lms", host))


def test_an_unreachable_database_is_one_line_without_the_password(tmp_path: Path) -> None:
    port = unused_port()
    done = run_stack(
        tmp_path,
        PORT=str(unused_port()),
        DATABASE_URL=f"postgresql://learner:{PASSWORD}@127.0.0.1:{port}/lms",
    )
    assert_refused(done, "DATABASE_URL", f"127.0.0.1:{port}/lms", "refused")


def test_an_unreachable_broker_is_one_line_without_the_password() -> None:
    port = unused_port()
    with pytest.raises(StackError, match=f"REDIS_URL, 127.0.0.1:{port}/0: .*refused") as failure:
        check_redis(f"redis://:{PASSWORD}@127.0.0.1:{port}/0")
    assert PASSWORD not in str(failure.value)


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://learner:{PASSWORD}@localhost/lms",
        f"postgresql://learner:{PASSWORD}@x@localhost/lms",
        f"postgresql://learner:{PASSWORD}#x@localhost/lms",
        f"postgresql://learner:{PASSWORD}@localhost:five/lms",
        f"postgresql://learner:{PASSWORD}@localhost",
        PASSWORD,
    ],
)
def test_a_malformed_database_url_is_not_repeated(url: str) -> None:
    with pytest.raises(StackError, match="DATABASE_URL is not of the form") as failure:
        check_database(url)
    assert PASSWORD not in str(failure.value)


@pytest.mark.parametrize("url", [f"http://:{PASSWORD}@localhost", f"redis://:{PASSWORD}@h:x/0"])
def test_a_malformed_redis_url_is_not_repeated(url: str) -> None:
    with pytest.raises(StackError, match="REDIS_URL is not of the form") as failure:
        check_redis(url)
    assert PASSWORD not in str(failure.value)


def test_a_home_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    # A file in the way stops root, too, whom permissions do not stop.
    (tmp_path / "file").write_text("")
    done = run_stack(tmp_path / "file" / "home", PORT=str(unused_port()))
    assert_refused(done, "cannot write to", "PULSEBOARD_HOME")


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 15, 0)])
def test_a_python_outside_the_supported_range_is_named(version: tuple[int, int, int]) -> None:
    with pytest.raises(StackError, match=r"Python 3\.1[05]\..* needs 3\.11 to 3\.14"):
        check_python(version)


def test_a_live_stack_is_left_alone_by_a_second_one(tmp_path: Path) -> None:
    with stack_lock(tmp_path):
        done = run_stack(tmp_path, PORT=str(unused_port()))
    assert_refused(done, f"already running (pid {os.getpid()})", "make stop")


def test_only_remains_of_the_same_home_are_ended(tmp_path: Path) -> None:
    homes = [tmp_path / "mine", tmp_path / "other"]
    processes = [
        subprocess.Popen(["sleep", "60"], env={**os.environ, MARKER: str(home)}) for home in homes
    ]
    try:
        assert end_marked_processes(homes[0]) == 1
        assert processes[0].poll() is not None
        assert processes[1].poll() is None
    finally:
        for process in processes:
            process.kill()
            process.wait()


def sections(text: str) -> set[str]:
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return {name for name in parser.sections() if name.startswith("program:")}


def test_the_simulator_belongs_to_the_embedded_mode_alone(tmp_path: Path) -> None:
    always = {"program:web", "program:worker", "program:beat"}
    embedded = supervisor_configuration(options(tmp_path))
    own = supervisor_configuration(options(tmp_path, "postgresql://localhost/lms"))
    assert sections(embedded) == always | {"program:simulator"}
    assert sections(own) == always


def test_the_configuration_holds_neither_the_password_nor_the_path(tmp_path: Path) -> None:
    home = tmp_path / "100% ;odd #home"
    text = supervisor_configuration(options(home, f"postgresql://u:{PASSWORD}@localhost/lms"))
    assert PASSWORD not in text
    assert str(home) not in text
