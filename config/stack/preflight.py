"""What is checked before anything starts, and what to do about it in one clear line."""

import errno
import ipaddress
import socket
import sys
import tempfile
import urllib.parse

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import bundle
from config.stack.errors import StackError
from config.stack.options import Options

OLDEST_PYTHON, FIRST_UNSUPPORTED_PYTHON = (3, 11), (3, 15)
CONNECT_TIMEOUT_SECONDS = 5
POSTGRES_SCHEMES = frozenset({"postgres", "postgresql", "pgsql", "psql"})
MAKE_A_KEY = "python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"


def check_python(version: tuple[int, int, int] = sys.version_info[:3]) -> None:
    """Raise StackError for a Python that the locked requirements are not made for."""
    if not OLDEST_PYTHON <= version[:2] < FIRST_UNSUPPORTED_PYTHON:
        found = ".".join(map(str, version))
        raise StackError(
            f"this is Python {found}, but Pulseboard needs 3.11 to 3.14; "
            "name another one: make run PYTHON=python3.12"
        )


def check_dashboard() -> None:
    """Raise StackError when there is no dashboard to serve."""
    if not bundle.PAGE.is_file():
        raise StackError(bundle.MISSING)


def check_secret_key(options: Options) -> None:
    """Raise StackError for a database of one's own with no key of one's own to sign with."""
    if options.database_url and not options.has_secret_key:
        raise StackError(
            "SECRET_KEY is not set, but DATABASE_URL is; give a long random value and keep it, "
            f"for instance the output of: {MAKE_A_KEY}"
        )


def check_host(options: Options) -> None:
    """Raise StackError when others could reach the demo, whose key and passwords are public."""
    is_demo = options.database_url in {None, options.services.database_url}
    if is_demo and not _is_loopback(options):
        raise StackError(
            f"HOST={options.host} would put the demo, with its public passwords, on the network; "
            "give DATABASE_URL and SECRET_KEY to serve others, or leave HOST out"
        )


def _is_loopback(options: Options) -> bool:
    """Ask the resolver: names and short forms such as 0 are addresses, too. Raises StackError."""
    try:
        found = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise StackError(_host_problem(options, error)) from error
    return all(ipaddress.ip_address(address[0]).is_loopback for *_, address in found)


def check_home(options: Options) -> None:
    """Create the directories for data and logs; raises StackError when that is not possible."""
    try:
        options.logs.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=options.logs):
            pass
    except OSError as error:
        raise StackError(
            f"cannot write to {options.home} ({error.strerror}); make it writable, "
            "or choose another directory with PULSEBOARD_HOME"
        ) from error


def check_port(options: Options) -> None:
    """Raise StackError when the web process could not listen on its address."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((options.host, options.port))
    except UnicodeError as error:
        raise StackError(_host_problem(options, error)) from error
    except OSError as error:
        raise StackError(_port_problem(options, error)) from error


def _port_problem(options: Options, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {options.port} is taken by another program; "
            f"choose another with: make run PORT={options.port % 65535 + 1}"
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"port {options.port} is not allowed to this user; try: make run PORT=8000"
    return _host_problem(options, error)


def _host_problem(options: Options, error: OSError | UnicodeError) -> str:
    reason = error.strerror if isinstance(error, OSError) else "not a host name"
    return f"cannot listen on HOST {options.host!r} ({reason}); the default is 127.0.0.1"


def check_database(url: str) -> None:
    """Connect once to the given PostgreSQL. Raises StackError, without the password in it."""
    try:
        parts = urllib.parse.urlsplit(url)
        well_formed = (
            parts.scheme in POSTGRES_SCHEMES
            and parts.netloc.count("@") <= 1
            and not parts.fragment
            and len(parts.path) > 1
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        well_formed = False
    if not well_formed:
        raise StackError(
            "DATABASE_URL is not of the form postgresql://user:password@host:5432/name "
            "(special characters in the password are percent-encoded); correct it, "
            "or unset it to use the embedded PostgreSQL"
        )
    try:
        psycopg.connect(conninfo_of(url), connect_timeout=CONNECT_TIMEOUT_SECONDS).close()
    except psycopg.Error as error:
        raise StackError(
            f"cannot connect to the database of DATABASE_URL, {public_address(url)}: "
            f"{_reason(error, url)}; start it or correct the address, "
            "or unset DATABASE_URL to use the embedded PostgreSQL"
        ) from error


def conninfo_of(url: str) -> str:
    """The address of a database as psycopg takes it: other libraries know more schemes."""
    return urllib.parse.urlsplit(url)._replace(scheme="postgresql").geturl()


def check_redis(url: str) -> None:
    """Ping the given Redis or Valkey. Raises StackError, without the password in it."""
    try:
        client = redis.Redis.from_url(
            url,
            socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
            socket_timeout=CONNECT_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError as error:
        raise StackError(
            "REDIS_URL is not of the form redis://:password@host:6379/0, rediss:// or "
            "unix:///path; correct it, or unset it to use the embedded Valkey"
        ) from error
    try:
        with client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        raise StackError(
            f"cannot reach the broker of REDIS_URL, {public_address(url)}: "
            f"{_reason(error, url)}; start it or correct the address, "
            "or unset REDIS_URL to use the embedded Valkey"
        ) from error


def public_address(url: str) -> str:
    """Return a URL without its user, password and parameters."""
    parts = urllib.parse.urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"


def _reason(error: Exception, url: str) -> str:
    """Return the telling line of a driver's error, with no part of the credentials in it."""
    lines = [line.strip(" \t-") for line in str(error).splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("Multiple connection attempts"):
        lines = lines[1:]
    reason = lines[0] if lines else type(error).__name__
    password = urllib.parse.urlsplit(url).password or ""
    for secret in {password, urllib.parse.unquote(password)} - {""}:
        reason = reason.replace(secret, "***")
    return reason.rstrip(". ")
