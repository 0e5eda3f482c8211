"""The built files that are committed are what their source builds."""

import gzip
import shutil
from pathlib import Path

import pytest

from frontend.packages import PACKAGES, ROOT, Package, build

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("node_modules")]

SERVED = pytest.mark.parametrize(
    "package",
    [package for package in PACKAGES if package.is_served],
    ids=lambda package: package.name,
)


@pytest.fixture(scope="module")
def built_anew(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All packages, built from the source alone, far from the committed files."""
    root = tmp_path_factory.mktemp("anew") / "frontend"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns("dist", "node_modules"))
    (root / "node_modules").symlink_to(ROOT / "node_modules")
    build(root)
    return root


def files_of(directory: Path) -> dict[str, bytes]:
    """Every file by its path; of a compressed one, as zlib may differ, what is in it."""
    files = {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }
    return {
        name: gzip.decompress(content) if name.endswith(".gz") else content
        for name, content in files.items()
    }


@SERVED
def test_the_committed_files_are_what_the_source_builds(package: Package, built_anew: Path) -> None:
    committed, anew = files_of(package.built()), files_of(package.built(built_anew))

    differing = [name for name in anew if committed.get(name) != anew[name]]
    assert sorted(committed) == sorted(anew), "run: make frontend"
    assert differing == [], "run: make frontend"


@SERVED
def test_what_is_served_compressed_is_the_same(package: Package) -> None:
    files = files_of(package.built())
    compressed = [name for name in files if name.endswith(".gz")]

    assert compressed
    for name in compressed:
        assert files[name] == files[name.removesuffix(".gz")]
