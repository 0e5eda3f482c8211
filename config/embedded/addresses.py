"""Where the embedded servers of a home directory answer, whether they run or not.

The addresses follow from the home alone, so that settings can name them before anything runs; for
the settings' sake this module is quick to import.
"""

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import quote

CHECKOUT = Path(__file__).resolve().parents[2]
DATABASE = "pulseboard"
DATABASE_ROLE = "postgres"


def default_home() -> Path:
    """Return PULSEBOARD_HOME, or `.local` in the checkout, with no symbolic links in it."""
    given = os.environ.get("PULSEBOARD_HOME")
    return (Path(given).expanduser() if given else CHECKOUT / ".local").resolve()


def digest(home: Path) -> str:
    """Return a short name for a home, for what cannot be in it."""
    return hashlib.sha256(os.fsencode(home)).hexdigest()[:12]


def socket_directory(home: Path) -> Path:
    """Return a short path, as a unix socket's is limited to about 100 bytes and a home is not."""
    return _temporary_root() / f"pulseboard-{os.getuid()}-{digest(home)}"


def valkey_socket(home: Path) -> Path:
    """Return the one address that Valkey listens on."""
    return socket_directory(home) / "valkey.sock"


def database_url(home: Path | None = None) -> str:
    """Return the address of the embedded database.

    The host is a query parameter: libpq and django-environ agree on no other form.
    """
    host = quote(str(socket_directory(home or default_home())), safe="/")
    return f"postgresql://{DATABASE_ROLE}@/{DATABASE}?host={host}"


def redis_url(home: Path | None = None) -> str:
    """Return the address of the embedded Valkey in the form redis-py takes."""
    return f"unix://{quote(str(valkey_socket(home or default_home())), safe='/')}"


def _temporary_root() -> Path:
    """Not TMPDIR, which differs between shells: every command must compute the same address."""
    shared = Path("/tmp")  # noqa: S108 - what goes in it is checked for its owner
    return shared if os.access(shared, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
