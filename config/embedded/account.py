"""Who PostgreSQL runs as: it refuses root, so root hands it to a system account.

That account has to reach the programs, the data and the sockets, wherever the checkout is.
"""

import contextlib
import os
import pwd
import stat
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.embedded.errors import EmbeddedServiceError
from config.embedded.processes import run

# The wheel that brings PostgreSQL's binaries uses this account as well.
SERVICE_ACCOUNT = "pgserver"
# Where a database started by root goes when its checkout is closed to that account (/root is 0700).
ROOT_STATE = Path("/var/lib/pulseboard")


@dataclass(frozen=True)
class Account:
    """The system account that PostgreSQL runs under when the caller is root."""

    name: str
    uid: int
    gid: int


def service_account() -> Account | None:
    """Return the account for PostgreSQL when we are root, else None. May create it.

    Raises EmbeddedServiceError when it neither exists nor can be created.
    """
    if os.geteuid() != 0:
        return None
    for attempt in range(5):
        try:
            entry = pwd.getpwnam(SERVICE_ACCOUNT)
        except KeyError:
            with contextlib.suppress(OSError):
                run(["useradd", "--system", "--shell", "/bin/sh", SERVICE_ACCOUNT])
            # Another command may be adding it at this moment and hold the password file.
            time.sleep(0.2 * attempt)
        else:
            return Account(SERVICE_ACCOUNT, entry.pw_uid, entry.pw_gid)
    raise EmbeddedServiceError(
        f"PostgreSQL does not run as root and the account {SERVICE_ACCOUNT} could not be added; "
        f"add it (useradd --system {SERVICE_ACCOUNT}), run as another user, or set DATABASE_URL"
    )


def run_as(
    account: Account | None, command: Sequence[str], *, output: IO[bytes] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program as `account` if given, else as ourselves."""
    if account is None:
        return run(command, output=output)
    return run(command, user=account.uid, group=account.gid, output=output)


def can_enter(path: Path, account: Account) -> bool:
    """Ask the kernel, which knows about access lists too, instead of adding up mode bits."""
    return run_as(account, ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]).returncode == 0


def is_ours(path: Path) -> bool:
    """Say whether `path` itself is a directory of this user, or for root of the account."""
    uids = {os.getuid()}
    if os.geteuid() == 0:
        with contextlib.suppress(KeyError):
            uids.add(pwd.getpwnam(SERVICE_ACCOUNT).pw_uid)
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid in uids


def ensure_private_directory(path: Path, account: Account | None = None) -> None:
    """Make a directory for sockets, closed to others and owned by `account` or by us.

    Raises EmbeddedServiceError when somebody else's directory has that name.
    """
    try:
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        if not is_ours(path):
            raise EmbeddedServiceError(
                f"{path} is not a directory of this user, so it is not safe to put sockets "
                "there; have it removed by its owner and start again"
            )
        path.chmod(0o700)
        if account:
            os.chown(path, account.uid, account.gid)
    except OSError as error:
        raise EmbeddedServiceError(
            f"cannot make the socket directory {path} ({error.strerror}); "
            "check the permissions of its parent directory"
        ) from error
