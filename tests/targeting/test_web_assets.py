"""Installing the chart library: what is locked, when nothing is to be done, what is said when it fails."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path):
    """The parts of the repository that the script reads, with a command `npm` of our own on the path."""
    for name in ("scripts", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "web").mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "web" / name, tmp_path / "web")
    (tmp_path / "bin").mkdir()
    command(tmp_path, "node", "echo v20.1.0")
    return tmp_path


def command(tree, name, script):
    path = tree / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def install(tree):
    environment = os.environ | {"PATH": f"{tree / 'bin'}:/usr/bin:/bin"}
    script = [sys.executable, str(tree / "scripts" / "web_assets.py")]
    return subprocess.run(script, env=environment, capture_output=True, text=True, check=False)


WORKS = (
    "echo ran >> runs; mkdir -p node_modules/echarts/dist; echo x > node_modules/echarts/dist/echarts.min.js"
)


def test_the_lock_has_hashes_and_no_addresses_of_a_registry():
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    installed = {name: entry for name, entry in packages.items() if name}
    assert "node_modules/echarts" in installed
    assert all(entry["integrity"].startswith("sha512-") for entry in installed.values())
    assert not any("resolved" in entry for entry in installed.values())


def test_the_library_is_installed_once_for_a_lock_and_again_for_another(tree):
    command(tree, "npm", WORKS)
    for _ in range(2):
        assert install(tree).returncode == 0
    runs = tree / "web" / "runs"
    assert runs.read_text().splitlines() == ["ran"]
    lock = tree / "web" / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    assert install(tree).returncode == 0
    assert runs.read_text().splitlines() == ["ran", "ran"]


def test_an_installation_that_fails_names_the_remedy_and_is_tried_again(tree):
    command(tree, "npm", "echo no network >&2; exit 1")
    failed = install(tree)
    assert failed.returncode == 1
    assert "npm config set registry" in failed.stderr
    command(tree, "npm", WORKS)
    assert install(tree).returncode == 0


def test_an_npm_that_ends_well_without_the_library_is_not_believed(tree):
    command(tree, "npm", "exit 0")
    answer = install(tree)
    assert answer.returncode == 1
    assert "is not there" in answer.stderr
