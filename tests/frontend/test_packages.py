"""A step that fails says which one, and why; one that is done is not done again."""

import json
from pathlib import Path

import pytest

from frontend.errors import FrontendError
from frontend.node import npm
from frontend.packages import PACKAGES, install, run

PACKAGE = PACKAGES[0]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Packages that need nothing, with one script that works and one that fails."""
    manifest = {"name": "of-a-test", "private": True, "workspaces": ["*"]}
    (tmp_path / "package.json").write_text(json.dumps(manifest))
    for package in PACKAGES:
        directory = package.directory(tmp_path)
        directory.mkdir()
        scripts = {"which": "node --print process.version", "test": "echo no cake; exit 3"}
        manifest = {"name": package.name, "version": "1.0.0", "scripts": scripts}
        (directory / "package.json").write_text(json.dumps(manifest))
    assert npm("install", "--package-lock-only", "--offline", cwd=tmp_path).returncode == 0
    return tmp_path


def test_node_is_the_one_of_the_requirements(root: Path) -> None:
    assert run(PACKAGE, "which", root).startswith("v24.")


def test_a_script_that_fails_is_named_with_its_output(root: Path) -> None:
    with pytest.raises(FrontendError, match=r"npm run test failed in telemetry:\nno cake"):
        run(PACKAGE, "test", root)


def test_what_is_installed_is_left_alone_until_the_lock_changes(root: Path) -> None:
    install(root)
    marker = root / "node_modules" / "marker"
    marker.touch()
    install(root)
    assert marker.exists()

    lock = root / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    install(root)
    assert not marker.exists()


def test_an_install_that_fails_is_named_and_done_anew(root: Path) -> None:
    lock = root / "package-lock.json"
    whole = lock.read_text()
    lock.write_text("{")

    for _ in range(2):
        with pytest.raises(FrontendError, match=r"npm could not install what package-lock\.json"):
            install(root)

    lock.write_text(whole)
    install(root)


def test_a_lost_manifest_is_named(root: Path) -> None:
    (root / "package-lock.json").unlink()

    with pytest.raises(FrontendError, match=r"there is no .*package-lock\.json; restore it"):
        install(root)
