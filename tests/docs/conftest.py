"""README's commands, run once for all tests of the pages that show them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.once import made_once
from tests.started import folder_of_program

ROOT = Path(__file__).resolve().parents[2]


def blocks_of(page, kind):
    """The fenced blocks of the page whose fence says `kind`, as they stand."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def commands_of(page):
    """The lines of the page's `sh` blocks, without their remarks."""
    lines = "".join(blocks_of(page, "sh")).splitlines()
    return [re.sub(r"\s+# .*$", "", line) for line in lines]


@pytest.fixture(scope="session")
def readme_run(tmp_path_factory):
    """The folder in which one shell ran README's blocks, exactly as they stand, with an empty home; and what they printed."""

    def make(folder):
        (folder / "home").mkdir()
        return run_in_shell("".join(blocks_of(ROOT / "README.md", "sh")), folder)

    return made_once(tmp_path_factory, "readme", make)


def path_with_program():
    """A PATH on which `telewave` and the other programs of this environment come first."""
    return os.pathsep.join([str(folder_of_program()), str(Path(sys.executable).parent), os.environ["PATH"]])


def run_in_shell(script, folder, program=("bash", "-euo", "pipefail", "-c"), **more):
    """What `script` prints, run in `folder` with its `home` for a home and nothing of the person's own settings but `more`."""
    environment = {
        "HOME": str(folder / "home"),
        "PATH": path_with_program(),
        "TELEWAVE_LANG": "en",
        "COLUMNS": "400",
        "OMP_WAIT_POLICY": "PASSIVE",
        "TELEWAVE_THREADS": "1",
    } | more
    environment |= {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    ran = subprocess.run(
        [*program, script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, f"{script}\n{ran.stdout[-3000:]}\n{ran.stderr[-3000:]}"
    return ran.stdout
