"""The wheel has everything that pages are written with; where it cannot be had, the build says what to do and writes nothing."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from telewave.platform.pages.library import library_is_there

ROOT = Path(__file__).resolve().parents[1]
PAGE = """
from telewave.offers.catalogue_file import reference_case
from telewave.offers.page import consistency_page
from telewave.offers.usecases import check_catalogue
from telewave.platform.pages.library import BESIDE
import telewave
assert not BESIDE.exists(), BESIDE
print(telewave.__file__, len(consistency_page(check_catalogue(reference_case()), "zh")))
"""


def tree(folder, *, library):
    """A source tree as it is checked out, with the chart library installed or not."""
    for name in ("src", "scripts", "requirements"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    (folder / "web").mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "web" / name, folder / "web")
    if library:
        shutil.copytree(
            ROOT / "web" / "node_modules" / "echarts", folder / "web" / "node_modules" / "echarts"
        )
    return folder


def build(folder, target, path=None):
    environment = os.environ | ({"PATH": str(path)} if path else {})
    command = [sys.executable, "-m", "hatchling", "build", "-t", target]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not library_is_there(), reason="the chart library is not installed: make web")
def test_an_installed_wheel_writes_pages_with_their_charts_far_from_any_source_tree(tmp_path):
    source = tree(tmp_path / "source", library=True)
    assert build(source, "wheel").returncode == 0
    (wheel,) = (source / "dist").glob("*.whl")
    installed = tmp_path / "far" / "away" / "lib" / "site-packages"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(installed)
    assets = installed / "telewave" / "platform" / "pages" / "assets"
    assert {"echarts.min.js", "echarts.LICENSE", "echarts.NOTICE"} <= {one.name for one in assets.iterdir()}
    done = subprocess.run(
        [sys.executable, "-c", PAGE],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    place, size = done.stdout.split()
    assert place.startswith(str(installed))
    assert int(size) > 1_000_000


@pytest.mark.skipif(not library_is_there(), reason="the chart library is not installed: make web")
def test_a_source_distribution_carries_the_library_so_that_it_builds_without_node(tmp_path):
    source = tree(tmp_path / "source", library=True)
    assert build(source, "sdist").returncode == 0
    (packed,) = (source / "dist").glob("*.tar.gz")
    shutil.unpack_archive(packed, tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    (tmp_path / "empty").mkdir()
    assert build(unpacked, "wheel", path=tmp_path / "empty").returncode == 0
    (wheel,) = (unpacked / "dist").glob("*.whl")
    assert "telewave/platform/pages/assets/echarts.min.js" in zipfile.ZipFile(wheel).namelist()


def test_where_the_library_cannot_be_fetched_the_build_names_the_remedy_and_leaves_no_wheel(tmp_path):
    source = tree(tmp_path / "source", library=False)
    (tmp_path / "bin").mkdir()
    npm = tmp_path / "bin" / "npm"
    npm.write_text("#!/bin/sh\nexit 1\n")
    npm.chmod(0o755)
    failed = build(source, "wheel", path=f"{tmp_path / 'bin'}:/bin")
    assert failed.returncode != 0
    assert "make web" in failed.stderr
    assert not list((source / "dist").glob("*.whl"))
    assert not (source / "web" / "node_modules").exists()
