"""The programs of the product, as supervisord is told about them."""

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.stack.options import Options


@dataclass(frozen=True)
class Program:
    """One process that supervisord keeps; the command is the shell's, run in the checkout."""

    name: str
    command: str
    priority: int
    stop_seconds: int = 10
    # Whether SIGTERM goes to its children as well, or is for it alone to pass on.
    stop_as_group: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)
    # An essential program is restarted whenever it ends, and the stack ends when that fails.
    essential: bool = True


def programs(options: Options) -> list[Program]:
    """Return what runs, in the order of starting; it is stopped in the opposite order."""
    python = shlex.quote(Path(sys.executable).name)
    web = f"{python} -m granian --interface wsgi config.wsgi:application --no-ws"
    web += f" --host {shlex.quote(options.host)} --port {options.port}"
    # Else the death of one worker ends the others and web as a whole.
    web += " --workers 2 --blocking-threads 8 --respawn-failed-workers"
    celery = f"{python} -m celery -A workers.celery"
    beat = f'{celery} beat --loglevel=INFO --pidfile= --schedule "$PULSEBOARD_HOME/beat-schedule"'
    found = [
        # The pool of database connections is for threads; Celery's processes close it each task.
        Program("web", web, 10, environment={"DATABASE_POOL": "8"}),
        # The worker lets its children finish their tasks; a signal of their own would kill them.
        Program(
            "worker",
            f"{celery} worker --loglevel=INFO --concurrency=2",
            20,
            stop_seconds=20,
            stop_as_group=False,
        ),
        Program("beat", beat, 30),
    ]
    if options.database_url is None:
        simulate = f"{python} manage.py simulate --learners 6 --minutes 240"
        simulate += f" --base-url {shlex.quote(options.base_url)}"
        found.append(Program("simulator", simulate, 40, essential=False))
    return found


def supervisor_configuration(options: Options) -> str:
    """Return the text of supervisord's configuration, which runs in the home directory.

    It holds no path but the socket's: supervisord gives a meaning to `%`, `;` and `#` in values,
    so relative paths and variables of the shell stand for the others.
    """
    sections = {
        "unix_http_server": {"file": str(options.supervisor_socket), "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        "supervisord": {
            "logfile": "log/supervisord.log",
            "logfile_maxbytes": "5MB",
            "logfile_backups": "2",
            "pidfile": "supervisord.pid",
            "silent": "true",
            "minfds": "256",
            "minprocs": "64",
            # Without it supervisord warns root that it keeps being root.
            **({"user": "root"} if os.getuid() == 0 else {}),
        },
    }
    in_checkout = 'cd "$PULSEBOARD_CHECKOUT" && exec '
    for program in programs(options):
        sections[f"program:{program.name}"] = {
            "command": f"/bin/sh -c {shlex.quote(in_checkout + program.command)}",
            "priority": str(program.priority),
            "environment": ",".join(f'{k}="{v}"' for k, v in program.environment.items()),
            "autostart": str(program.essential).lower(),
            "autorestart": str(program.essential).lower(),
            "startsecs": "3" if program.essential else "0",
            "startretries": "4" if program.essential else "0",
            "stopwaitsecs": str(program.stop_seconds),
            "stopasgroup": str(program.stop_as_group).lower(),
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": f"log/{program.name}.log",
            "stdout_logfile_maxbytes": "5MB",
            "stdout_logfile_backups": "3",
        }
    return "\n".join(
        f"[{section}]\n" + "".join(f"{key}={value}\n" for key, value in values.items())
        for section, values in sections.items()
    )
