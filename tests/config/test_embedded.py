"""The embedded PostgreSQL and Valkey, with real servers in directories of their own."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import environ
import psutil
import psycopg
import pytest
import redis

from config.embedded.account import service_account
from config.embedded.addresses import CHECKOUT
from config.embedded.binaries import PACKAGED_MAJOR, postgres_binaries, postgres_major
from config.embedded.errors import EmbeddedServiceError
from config.embedded.processes import still_alive
from config.embedded.services import EmbeddedServices


@pytest.fixture
def services(tmp_path: Path) -> Iterator[EmbeddedServices]:
    """Services with a home that no other test uses."""
    services = EmbeddedServices(tmp_path / "home")
    yield services
    services.remove()


def start_in_other_process(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "config.embedded", "start"],
        cwd=CHECKOUT,
        env={**os.environ, "PULSEBOARD_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def kill(pid: int | None) -> None:
    assert pid is not None
    process = psutil.Process(pid)
    process.kill()
    assert still_alive([process], timeout=10) == []


def remember(services: EmbeddedServices, note: str) -> None:
    with psycopg.connect(services.database_url) as connection:
        connection.execute("create table if not exists notes (note text)")
        connection.execute("insert into notes values (%s)", [note])


def remembered(services: EmbeddedServices) -> list[str]:
    with psycopg.connect(services.database_url) as connection:
        return [str(row[0]) for row in connection.execute("select note from notes order by note")]


def unfinished_clusters(services: EmbeddedServices) -> list[Path]:
    # Root's data is elsewhere when the directories above its home are closed.
    return list((services.home / "postgres").resolve().parent.glob("postgres.new-*"))


def test_the_addresses_are_known_before_anything_starts(services: EmbeddedServices) -> None:
    parsed = environ.Env.db_url_config(services.database_url)
    assert parsed["NAME"] == "pulseboard"
    assert parsed["OPTIONS"]["host"] == str(services.socket_directory)
    assert services.redis_url == f"unix://{services.socket_directory}/valkey.sock"
    assert not services.home.exists()
    assert not services.socket_directory.exists()


def test_services_start_are_reused_and_keep_data_over_a_stop(services: EmbeddedServices) -> None:
    services.start()
    first = services.status()
    remember(services, "kept")
    services.start()
    assert services.status() == first
    with redis.Redis.from_url(services.redis_url) as client:
        assert client.ping()

    services.stop()
    services.stop()
    assert (services.status().postgres, services.status().valkey) == (None, None)

    services.start_postgres()
    assert remembered(services) == ["kept"]


def test_nothing_listens_on_the_network_and_the_sockets_are_private(
    services: EmbeddedServices,
) -> None:
    services.start()
    status = services.status()
    for pid in (status.postgres, status.valkey):
        assert psutil.Process(pid).net_connections(kind="inet") == []
    assert stat.S_IMODE(services.socket_directory.stat().st_mode) == 0o700


def test_the_servers_survive_ctrl_c_in_the_terminal_that_started_them(
    services: EmbeddedServices,
) -> None:
    services.start()
    status = services.status()
    for pid in (status.postgres, status.valkey):
        assert pid is not None
        assert os.getsid(pid) != os.getsid(0)


def test_killed_servers_start_again_with_their_data(services: EmbeddedServices) -> None:
    services.start()
    before = services.status()
    remember(services, "committed")
    kill(before.postgres)
    kill(before.valkey)

    services.start()
    after = services.status()
    assert after.postgres not in {None, before.postgres}
    assert after.valkey not in {None, before.valkey}
    assert remembered(services) == ["committed"]


def test_a_pid_file_that_names_another_process_is_not_believed(services: EmbeddedServices) -> None:
    services.start(durable=False)
    status = services.status()
    data = (services.home / "postgres").resolve()
    postmaster_pid = (data / "postmaster.pid").read_text()
    kill(status.postgres)
    kill(status.valkey)
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        lines = [str(bystander.pid), *postmaster_pid.split("\n")[1:]]
        (data / "postmaster.pid").write_text("\n".join(lines))
        (services.home / "valkey" / "valkey.pid").write_text(str(bystander.pid))
        assert services.status().postgres is None

        services.start(durable=False)
        services.stop()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_two_commands_at_once_share_one_server(services: EmbeddedServices) -> None:
    starts = [start_in_other_process(services.home) for _ in range(2)]
    outputs = [start.communicate(timeout=60)[0] for start in starts]
    assert [start.returncode for start in starts] == [0, 0], outputs
    assert outputs[0] == outputs[1]


def test_initdb_killed_half_way_does_not_trip_the_next_start(services: EmbeddedServices) -> None:
    start = start_in_other_process(services.home)
    process = psutil.Process(start.pid)
    while not any((path / "base").exists() for path in unfinished_clusters(services)):
        assert start.poll() is None
    for victim in [process, *process.children(recursive=True)]:
        victim.kill()
    start.communicate()
    assert not (services.home / "postgres").exists()

    services.start_postgres(durable=False)
    assert unfinished_clusters(services) == []


def test_a_deep_directory_is_no_obstacle(tmp_path: Path) -> None:
    services = EmbeddedServices(tmp_path / ("deep " * 20) / ("er%" * 30))
    services.home.mkdir(parents=True)
    try:
        services.start(durable=False)
        remember(services, "deep")
        assert remembered(services) == ["deep"]
    finally:
        services.remove()


def test_a_directory_that_holds_something_else_is_left_alone(services: EmbeddedServices) -> None:
    precious = services.home / "postgres" / "thesis.txt"
    precious.parent.mkdir(parents=True)
    precious.write_text("years of work")
    with pytest.raises(EmbeddedServiceError, match="is not a PostgreSQL data directory"):
        services.start_postgres()
    assert precious.read_text() == "years of work"


def test_a_cluster_of_another_version_is_named(
    services: EmbeddedServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POSTGRES_BINARIES", raising=False)
    data = services.home / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedServiceError, match="made by PostgreSQL 16, not 18"):
        services.start_postgres()


def test_a_file_in_place_of_the_socket_directory_is_refused(services: EmbeddedServices) -> None:
    services.socket_directory.symlink_to("/")
    try:
        with pytest.raises(EmbeddedServiceError, match="is not a directory of this user"):
            services.start_valkey()
    finally:
        services.socket_directory.unlink()


def test_a_home_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedServiceError, match=r"cannot write to .*PULSEBOARD_HOME"):
        EmbeddedServices(tmp_path / "file" / "home").start()


def test_a_server_that_does_not_start_shows_the_end_of_its_log(services: EmbeddedServices) -> None:
    services.start_postgres(durable=False)
    services.stop()
    shutil.rmtree((services.home / "postgres").resolve() / "global")
    with pytest.raises(EmbeddedServiceError, match="PostgreSQL did not start on") as failure:
        services.start_postgres(durable=False)
    assert "global/pg_control" in str(failure.value)


def test_a_signal_during_the_start_leaves_the_next_one_unharmed(services: EmbeddedServices) -> None:
    start = start_in_other_process(services.home)
    while not unfinished_clusters(services):
        assert start.poll() is None
    start.send_signal(signal.SIGINT)
    start.communicate(timeout=60)
    services.start_postgres(durable=False)
    assert services.status().postgres is not None


class TestAnInstalledPostgreSQL:
    def test_is_used_where_its_programs_are_named(
        self, services: EmbeddedServices, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The packaged ones are as good as any, and they are here."""
        monkeypatch.delenv("POSTGRES_BINARIES", raising=False)
        packaged = postgres_binaries(service_account())
        monkeypatch.setenv("POSTGRES_BINARIES", str(packaged))

        services.start_postgres(durable=False)

        pid = services.status().postgres
        assert pid is not None
        assert Path(psutil.Process(pid).exe()).parent == packaged
        assert postgres_major() == PACKAGED_MAJOR

    def test_programs_that_are_not_there_are_named(
        self, services: EmbeddedServices, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("POSTGRES_BINARIES", str(tmp_path))

        with pytest.raises(
            EmbeddedServiceError, match=r"POSTGRES_BINARIES is .* there is no postgres to run"
        ):
            services.start_postgres()

    @pytest.mark.parametrize("answer", ["postgres (PostgreSQL) 14.9", "something else"])
    def test_one_that_is_too_old_is_refused(
        self,
        services: EmbeddedServices,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        answer: str,
    ) -> None:
        program = tmp_path / "postgres"
        program.write_text(f"#!/bin/sh\necho '{answer}'\n")
        program.chmod(0o755)
        monkeypatch.setenv("POSTGRES_BINARIES", str(tmp_path))

        with pytest.raises(EmbeddedServiceError, match="PostgreSQL 15 or newer is needed"):
            services.start_postgres()
