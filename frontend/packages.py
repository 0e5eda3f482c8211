"""The packages, in the order in which they are built."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from whitenoise.compress import Compressor

from config.embedded.addresses import CHECKOUT
from frontend.errors import FrontendError
from frontend.node import NODE, npm

ROOT = CHECKOUT / "frontend"


@dataclass(frozen=True)
class Package:
    """One package; `npm run` knows `build`, `check` and `test` in each."""

    name: str
    # Whether the web process serves what is built: then it is committed, and in gzip as well.
    # Otherwise another package takes it in.
    is_served: bool = False

    def directory(self, root: Path = ROOT) -> Path:
        return root / self.name

    def built(self, root: Path = ROOT) -> Path:
        return self.directory(root) / "dist"


PACKAGES = (Package("telemetry"), Package("dashboard", is_served=True))


def install(root: Path = ROOT) -> None:
    """Have `node_modules` hold what the lock file says; at once when it does already.

    Raises FrontendError with npm's own words.
    """
    made_from = root / "node_modules" / ".made-from"
    wanted = _digest(root)
    if made_from.is_file() and made_from.read_text() == wanted:
        return
    # No package may run a program of its own here; none of these has to.
    done = npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=root)
    if done.returncode != 0:
        raise FrontendError(
            "npm could not install what package-lock.json names; is the npm registry reachable? "
            f"It says:\n{done.stdout}"
        )
    made_from.write_text(wanted)


def _digest(root: Path) -> str:
    """Of all that decides what is installed: the manifests, the lock and Node.js itself."""
    files = [root / "package-lock.json", root / "package.json"]
    files += [package.directory(root) / "package.json" for package in PACKAGES]
    try:
        contents = [path.read_bytes() for path in files]
    except FileNotFoundError as error:
        raise FrontendError(f"there is no {error.filename}; restore it from the repository") from (
            error
        )
    digest = hashlib.sha256(f"{NODE.stat().st_size}".encode())
    for content in contents:
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def run(package: Package, script: str, root: Path = ROOT) -> str:
    """Run a script of a package, such as `test`; return what it printed.

    Raises FrontendError with that when it fails.
    """
    done = npm("run", "--silent", script, cwd=package.directory(root))
    if done.returncode != 0:
        raise FrontendError(f"npm run {script} failed in {package.name}:\n{done.stdout}")
    return done.stdout


def prepare() -> None:
    """Have what any script of a package needs: `node_modules`, and the packages taken in.

    Raises FrontendError.
    """
    install()
    for package in PACKAGES:
        if not package.is_served:
            run(package, "build")


def build(root: Path = ROOT) -> None:
    """Build all packages, each into its `dist`; raises FrontendError."""
    for package in PACKAGES:
        run(package, "build", root)
        if package.is_served:
            _compress(package.built(root))


def _compress(directory: Path) -> None:
    compressor = Compressor(use_brotli=False, quiet=True)
    for path in sorted(directory.rglob("*")):
        if path.is_file() and compressor.should_compress(path.name):
            compressor.compress(str(path))
