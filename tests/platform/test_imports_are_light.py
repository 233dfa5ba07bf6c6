"""What a command loads before it begins: whoever asks for a list or takes a step waits for no library that learns or optimises."""

import os
import subprocess
import sys

import pytest

HEAVY = (
    "catboost",
    "pandas",
    "sklearn",
    "scipy.optimize",
    "scipy.stats",
    "scipy.interpolate",
    "matplotlib",
    "xlsxwriter",
    "openpyxl",
)
"""Half a second of processor time for each command, where it is not needed."""
USED_BY_COMMANDS = (
    "telewave.bootstrap",
    "telewave.records.usecases",
    "telewave.features.usecases",
    "telewave.customers.usecases",
    "telewave.audiences.usecases",
    "telewave.models.usecases",
    "telewave.targeting.usecases",
    "telewave.offers.usecases",
    "telewave.planning.usecases",
    "telewave.planning.redating",
    "telewave.approvals.usecases",
    "telewave.contacts.handing_out",
    "telewave.contacts.settling",
    "telewave.measurement.usecases",
    "telewave.funnel.usecases",
    "telewave.choice.usecases",
    "telewave.projects.usecases",
    "telewave.upkeep.examining",
)
SPY = """
import sys
from importlib import import_module

for name in sys.argv[1:]:
    import_module(name)
    print(name, *sorted(sys.modules), sep="\\t")
"""


@pytest.fixture(scope="module")
def loaded():
    """For each module, in one process and in this order: all that is loaded after it."""
    done = subprocess.run(
        [sys.executable, "-c", SPY, *USED_BY_COMMANDS], capture_output=True, text=True, check=True
    )
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return {name: frozenset(modules) for name, *modules in lines}


def test_no_use_case_loads_what_learns_or_optimises_before_it_is_needed(loaded):
    assert tuple(loaded) == USED_BY_COMMANDS
    assert {name: found for name, modules in loaded.items() if (found := sorted(modules & set(HEAVY)))} == {}


def test_who_asks_the_database_alone_opens_no_engine(tmp_path):
    asked = "import sys; from telewave.cli import main\ntry: main()\nfinally: print('duckdb' in sys.modules)"
    environment = os.environ | {"TELEWAVE_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", asked, "--lang", "en", "campaign", "list"],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    assert "There are no campaigns yet" in done.stdout
    assert done.stdout.splitlines()[-1] == "False"
