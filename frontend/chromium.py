"""Chromium as the machine has it, or as its package manager brings it.

Playwright would download a browser of its own, from a place that not every network reaches.
"""

import os
import shutil
import subprocess

from playwright.sync_api import Browser, BrowserType

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
INSTALL_SECONDS = 420


class NoChromium(Exception):
    """There is none, and none can be installed; the message says what to do."""


def launch(browser_type: BrowserType) -> Browser:
    """Start it, with a profile that is gone afterwards. Raises NoChromium."""
    return browser_type.launch(executable_path=find_or_install(), args=list(FLAGS))


def find_or_install() -> str:
    """Return the path of Chromium, installed first where that is possible. Raises NoChromium."""
    found = find()
    if found is None and can_install():
        install()
        found = find()
    if found is None:
        raise NoChromium(
            f"pages are tried in Chromium, and none of {', '.join(NAMES)} is on the PATH; "
            "install it (Debian, Ubuntu: apt install chromium)"
        )
    return found


def find() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def can_install() -> bool:
    """Whether this process may, and knows how to."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install() -> None:
    """Install Debian's package. Raises NoChromium with the last words of apt-get."""
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            ["apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=120", *arguments],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            last = (done.stdout.strip().splitlines() or ["nothing"])[-1]
            raise NoChromium(
                "pages are tried in Chromium, and it could not be installed; "
                f"apt-get {arguments[0]} says: {last}"
            )
