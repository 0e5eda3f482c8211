"""What the terminal shows of a stack that starts, runs and ends."""

import os
import sys

from config.stack.options import Options


def say(text: str) -> None:
    """Print a line of progress, even when the terminal has just been closed."""
    try:
        print(text, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def banner(options: Options) -> str:
    """Return what a developer wants to know once everything runs."""
    lines = [
        "",
        "Pulseboard is ready.",
        f"  Dashboard   {options.base_url}/",
        f"  Admin       {options.base_url}/admin/",
        f"  API         {options.base_url}/api/docs/",
    ]
    if options.database_url is None:
        lines.append("  Accounts    admin, manager, learner (password: demo)")
    lines += [f"  Logs        {options.logs}", "Ctrl-C stops everything.", ""]
    return "\n".join(lines)
