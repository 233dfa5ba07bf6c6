"""The container: linted, made by the Makefile's own targets, run by nobody privileged, its home a volume."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def test_the_linter_finds_nothing():
    linter = Path(sys.executable).with_name("hadolint")
    linted = subprocess.run([linter, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stdout + linted.stderr) == (0, "")


def test_it_makes_what_the_makefile_makes():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    made = [
        target for line in re.findall(r"^RUN make (.+)$", DOCKERFILE, re.MULTILINE) for target in line.split()
    ]
    assert made
    assert [target for target in made if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


def test_it_runs_as_nobody_privileged_and_keeps_its_home_in_a_volume():
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    (user,) = re.findall(r"^USER (\d+)", last, re.MULTILINE)
    assert int(user) > 0
    (volume,) = re.findall(r"^VOLUME (.+)$", last, re.MULTILINE)
    assert f"TELEWAVE_HOME={volume}\n" in last


def test_what_the_installation_reads_is_let_in():
    let_in = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    }
    assert {name for name in let_in if not (ROOT / name).exists()} == set()
    assert {"LICENSE", "Makefile", "README.md", "pyproject.toml", "requirements", "scripts", "src"} <= let_in
