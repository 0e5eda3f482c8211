"""The data of the embedded PostgreSQL: where it lies, whose it is and how it comes to be."""

import os
import shutil
import tempfile
from pathlib import Path

from config.embedded.account import ROOT_STATE, Account, can_enter, run_as
from config.embedded.addresses import DATABASE_ROLE, digest
from config.embedded.binaries import postgres_major
from config.embedded.errors import EmbeddedServiceError
from config.embedded.processes import last_line

BUILTIN_LOCALES_SINCE = 17


def existing_cluster(home: Path) -> Path:
    """Return where the cluster of a home is, if it has one."""
    return _link(home).resolve()


def cluster_to_use(home: Path, account: Account | None) -> Path:
    """Return where the cluster is or is to be: `home/postgres`, or what it links to.

    Raises EmbeddedServiceError.
    """
    link = _link(home)
    if account is None:
        return link.resolve()
    outside = _outside(home)
    if link.is_symlink() and link.readlink() != outside:
        # The link came with a copied checkout: its target is the other checkout's database.
        link.unlink()
    if link.is_dir() and not link.is_symlink():
        _check(link, account)
    if not link.is_symlink() and can_enter(home, account):
        return link
    if link.is_dir() and not link.is_symlink():
        raise EmbeddedServiceError(
            f"the system account {account.name} cannot enter {link}, as a directory above it "
            "is closed to others; open that directory, or run `make clean` to start afresh"
        )
    outside.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(outside)
    return outside


def ensure_cluster(data: Path, binaries: Path, account: Account | None, *, durable: bool) -> None:
    """Have a cluster that we can run in `data`. Raises EmbeddedServiceError.

    initdb works beside the final place: a killed one leaves nothing that looks finished.
    """
    _check(data, account)
    if _is_filled(data):
        return
    for unfinished in data.parent.glob(f"{data.name}.new-*"):
        shutil.rmtree(unfinished, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{data.name}.new-", dir=data.parent))
    if account:
        os.chown(fresh, account.uid, account.gid)
    done = run_as(
        account,
        [
            str(binaries / "initdb"),
            f"--pgdata={fresh}",
            f"--username={DATABASE_ROLE}",
            "--auth=trust",
            "--encoding=UTF8",
            *_locale(postgres_major()),
            *([] if durable else ["--no-sync"]),
        ],
    )
    if done.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise EmbeddedServiceError(
            f"initdb could not create a database cluster in {data}: "
            f"{last_line(done.stdout)}; check free space and permissions there"
        )
    fresh.rename(data)


def remove_cluster(home: Path) -> None:
    """Delete the data, in the home and outside it."""
    link = _link(home)
    if link.is_symlink():
        link.unlink()
    for path in (link, _outside(home).parent):
        shutil.rmtree(path, ignore_errors=True)


def _link(home: Path) -> Path:
    return home / "postgres"


def _outside(home: Path) -> Path:
    return ROOT_STATE / digest(home) / "postgres"


def _locale(major: int) -> list[str]:
    """Order by code point and case by Unicode: of PostgreSQL itself where it has that."""
    if major < BUILTIN_LOCALES_SINCE:
        return ["--locale=C.UTF-8"]
    return ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


def _is_filled(data: Path) -> bool:
    return data.is_dir() and any(data.iterdir())


def _check(data: Path, account: Account | None) -> None:
    """Raise EmbeddedServiceError unless `data` is empty, absent or a cluster we can run."""
    if not _is_filled(data):
        return
    version_file = data / "PG_VERSION"
    if not version_file.is_file():
        raise EmbeddedServiceError(
            f"{data} is not a PostgreSQL data directory; move it away and start again"
        )
    version, major = version_file.read_text().strip(), postgres_major()
    if version != str(major):
        raise EmbeddedServiceError(
            f"{data} was made by PostgreSQL {version}, not {major}; move it away "
            "(its data can be dumped with that version) and start again"
        )
    owner = account.uid if account else os.getuid()
    if data.stat().st_uid != owner:
        raise EmbeddedServiceError(
            f"{data} belongs to another user (uid {data.stat().st_uid}, needed {owner}); "
            "run as that user, or choose another directory with PULSEBOARD_HOME"
        )
