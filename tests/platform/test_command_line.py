"""The command line as people and scripts use it: light to start, JSON, quiet, streams, completion."""

import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from tests.features.conftest import Town
from tests.features.records import by_seed
from tests.json_answers import untyped, well_formed
from tests.started import started

from telewave.bootstrap import open_home
from telewave.cli import ENTRIES, command_tree
from telewave.features.usecases import build_wide
from telewave.kernel import Estimate, Inconclusive, Message
from telewave.platform.answer import keys_of, plain
from telewave.platform.command_line import EVERYWHERE, commands
from telewave.platform.languages import LANGUAGES
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings

TELEWAVE = Path(sys.executable).with_name("telewave")
HEAVY = (
    "ibis",
    "duckdb",
    "pandas",
    "sklearn",
    "catboost",
    "numba",
    "sqlalchemy",
    "pyarrow",
    "scipy",
    "numpy",
)
DAY = "2026-07-01"
RECORDS = by_seed(date.fromisoformat(DAY), people=5, a_person=4, offsets=(-40, -2))


def run(*words, stdin=b"", language="en", folder=None, **environment):
    settings = {"TELEWAVE_LANG": language, "COLUMNS": "200", "TELEWAVE_THREADS": "1"} | environment
    return started(words, env=os.environ | settings, stdin=stdin, cwd=folder)


def leaves():
    return [path for path, one in commands(command_tree(), "telewave") if not hasattr(one, "commands")]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with records of a few people and their wide table."""
    folder = tmp_path_factory.mktemp("home")
    with open_home(load_settings({"TELEWAVE_HOME": str(folder), "TELEWAVE_THREADS": "1"})) as opened:
        town = Town(opened.warehouse.root, opened.warehouse.engine)
        town.put(RECORDS)
        build_wide(opened.warehouse, date.fromisoformat(DAY), Silent(), with_gaps=True)
    assert run("audience", "define", "one", "has_mobile = true", TELEWAVE_HOME=str(folder)).returncode == 0
    return folder


@pytest.mark.parametrize(
    "words", [["--version"], ["--help"], ["-h"], ["brew"], ["--show-completion"]], ids=str
)
def test_what_needs_no_capability_imports_nothing_heavy(words):
    seen = subprocess.run(
        [sys.executable, "-c", SPY, *words],
        env=os.environ | {"SHELL": "/bin/bash"},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(seen.stderr.splitlines()[-1].split())
    assert not imported & set(HEAVY)
    assert not {entry.module for entry in ENTRIES} & imported


SPY = """
import sys
from telewave.cli import main
sys.argv[0] = "telewave"
try:
    main()
except SystemExit:
    print(*sys.modules, file=sys.stderr)
"""


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, telewave; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {*HEAVY, "typer", "rich"}


def test_a_group_imports_the_modules_of_no_other_capability_s_commands():
    code = SPY.replace("import sys\n", 'import sys\nsys.argv = ["telewave", "features", "--help"]\n', 1)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    others = {entry.module for entry in ENTRIES} - {"telewave.features.commands"}
    assert not others & set(done.stderr.splitlines()[-1].split())


def test_every_name_of_the_program_is_a_command_of_its_module_with_a_purpose():
    for path, command in commands(command_tree(), "telewave"):
        assert command.help, path


@pytest.mark.parametrize("path", leaves())
def test_every_command_takes_json_and_quiet_and_shows_help_for_h(path):
    command = dict(commands(command_tree(), "telewave"))[path]
    taken = {name for parameter in command.params for name in parameter.opts}
    assert taken >= set(EVERYWHERE)
    assert command.context_settings["help_option_names"] == ["-h", "--help"]


SHOWING = {
    "doctor": [],
    "people list": [],
    "audit show": [],
    "audit verify": [],
    "jobs": [],
    "work": [],
    "tables": [],
    "features list": [],
    "features show": ["--as-of", DAY],
    "base": ["--as-of", DAY, "--offer", RECORDS["orders"][0]["offer"]],
    "audience list": [],
    "audience define": ["other", "has_mobile = false"],
    "audience show": ["one"],
    "audience snapshot": ["one", "--as-of", DAY],
    "audience count": ["one", "--as-of", DAY],
    "audience explain": ["one", "--as-of", DAY, "--subscriber", str(RECORDS["orders"][0]["subscriber"])],
    "models": [],
    "offers list": [],
    "offers show": ["upgrade-postpaid"],
    "offers check": [],
    "outbound dispositions": [],
    "outbound pace": ["--agents", "3", "--answer-rate", "60%", "--handling", "600", "--free", "1"],
    "outbound staffing": ["--calls", "100", "--minutes", "30", "--handling", "180", "--agents", "9"],
    "experiments size": ["--subscribers", "200000", "--rate", "0.2%"],
    "campaign list": [],
    "campaign actions": ["--launch", DAY],
    "plan list": [],
    "quarantine": [],
}
ELSEWHERE = {
    "test_demo.py": {
        "models",
        "campaign show",
        "campaign history",
        "campaign list",
        "plan list",
        "base",
        "group",
        "score",
    },
    "access/test_people_commands.py": {
        "people add",
        "people roles",
        "people password",
        "people lock",
        "people unlock",
    },
    "console/test_serve.py": {"serve"},
    "contacts/test_handing_out.py": {"campaign contacts"},
    "measurement/test_measuring.py": {"campaign measure"},
    "test_city_answers.py": {"campaign simulate", "campaign dial"},
    "rehearsal/test_rehearsing.py": {"campaign rehearse"},
    "outbound/test_calls_command.py": {"outbound next", "outbound done", "outbound team"},
    "outbound/test_bulletin.py": {"outbound bulletin"},
    "outbound/test_dialling.py": {"outbound dial", "outbound dialled"},
    "outbound/test_agents_command.py": {"outbound agents", "outbound training"},
    "contacts/test_ledger_commands.py": {
        f"campaign {step}"
        for step in ("confirm", "exclude", "ledger", "policy", "release", "results", "settle")
    },
    "halls/test_desk.py": {
        f"halls {step}" for step in ("set", "book", "list", "called", "arrive", "outcome")
    },
    "halls/test_load_and_gifts.py": {"halls load", "halls gifts"},
    "halls/test_offering.py": {"halls offer", "halls offered", "halls again", "halls records"},
    "fulfilment/test_parcels_of_a_campaign.py": {
        f"fulfilment {step}"
        for step in ("again", "import", "list", "move", "overdue", "reconcile", "report", "take")
    },
    "planning/test_next_phase.py": {"campaign next"},
    "planning/test_commands.py": {"plan make", "plan groups", "plan explain", "plan redate"},
    "test_records_come_from_standard_input_under_a_name": {"check", "ingest"},
    "experiments/test_measure_command.py": {"experiments measure"},
    "choice/test_command.py": {"choice learn", "choice show"},
    "funnel/test_commands.py": {"funnel learn", "funnel show"},
    "learning/test_commands.py": {
        f"learning {step}" for step in ("approve", "history", "overview", "refit", "show")
    },
    "experiments/test_uplift_command.py": {"experiments uplift"},
    "no test, since there is little to read": {
        "demo",
        "init",
        "map guess",
        "migrate",
        "simulate",
        "features build",
        "train",
        "report",
        "plan example",
    }
    | {f"campaign {step}" for step in ("approve", "commit", "draft", "launch", "pause", "progress", "ready")}
    | {f"campaign {step}" for step in ("reject", "spend", "stop", "submit", "template")},
}
"""Commands whose tables need more than this module's home, by the test that reads their objects, and those that say sentences or write files."""


def test_every_command_s_object_is_read_by_a_test():
    assert {path.removeprefix("telewave ") for path in leaves()} == set(SHOWING).union(*ELSEWHERE.values())


@pytest.mark.parametrize("command", SHOWING)
def test_json_after_the_command_gives_one_object_with_numbers_as_numbers(home, command):
    done = run(*command.split(), *SHOWING[command], "--json", TELEWAVE_HOME=str(home))
    assert (done.returncode, done.stderr) == (0, b"")
    answer = json.loads(done.stdout)
    assert answer["tables"] or answer["sentences"]
    assert well_formed(answer)
    assert untyped(answer) == []


def test_a_file_to_begin_from_is_part_of_the_object_and_else_printed_as_it_stands():
    printed = run("plan", "example").stdout.decode()
    assert json.loads(run("plan", "example", "--json").stdout)["campaign_file"] == printed


def test_money_is_an_exact_text_with_its_currency_and_an_estimate_has_its_interval(home):
    words = ["offers", "show", "upgrade-postpaid", "--json"]
    shown = json.loads(run(*words, TELEWAVE_HOME=str(home)).stdout)["tables"][0]["rows"][0]
    amount = shown["operator_s_incremental_margin"]
    assert amount["currency"] == "CNY"
    assert re.fullmatch(r"-?\d+\.\d\d", amount["amount"])
    estimate = Estimate(value=0.7, low=0.6, high=0.8, n=10, method="Wilson")
    assert plain(estimate, "en") == {"value": 0.7, "low": 0.6, "high": 0.8}
    assert plain(Inconclusive(Message("too few")), "en")["value"] is None
    assert plain(date(2026, 7, 1), "en") == "2026-07-01"


def test_keys_are_the_same_in_both_languages(home):
    english, chinese = (
        json.loads(run("tables", "--json", language=language, TELEWAVE_HOME=str(home)).stdout)["tables"]
        for language in ("en", "zh")
    )
    assert [one["columns"][0]["key"] for one in english] == [one["columns"][0]["key"] for one in chinese]
    assert english[0]["rows"][0].keys() == chinese[0]["rows"][0].keys()
    assert english[0]["title"] != chinese[0]["title"]


def test_an_error_is_part_of_the_object_and_said_beside_it(home):
    done = run("features", "show", "--as-of", "2020-01-01", "--json", TELEWAVE_HOME=str(home))
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"], error["status"]) == (1, "no_wide_table", 404)
    assert b"[no_wide_table]" in done.stderr


def test_quiet_keeps_tables_and_drops_sentences(home):
    told = run("models", TELEWAVE_HOME=str(home)).stdout
    assert b"no models" in told
    assert run("models", "--quiet", TELEWAVE_HOME=str(home)).stdout == b""
    assert b"usage" in run("tables", "-q", TELEWAVE_HOME=str(home)).stdout


def test_no_progress_and_no_colours_where_there_is_no_terminal(home):
    done = run("features", "build", "--as-of", DAY, "--with-gaps", TELEWAVE_HOME=str(home))
    assert b"\x1b[" not in done.stdout
    assert b"Building the wide table" not in done.stdout
    assert b"Wide table as of" in done.stdout


def test_no_color_takes_the_colours_from_a_terminal(home):
    coloured, plain = (
        run("brew", FORCE_COLOR="1", TERM="xterm-256color", **more).stderr for more in ({}, {"NO_COLOR": "1"})
    )
    assert b"\x1b[31m" in coloured
    assert b"\x1b[31m" not in plain


def test_a_file_of_offers_is_read_from_standard_input_and_a_report_written_to_standard_output(tmp_path):
    own = b"offers:\n  - {id: one, name: One, kind: contract, channels: hall, customers: all, device: 120}\n"
    here = tmp_path / "home"
    file = run("offers", "list", "--file", "-", stdin=own, TELEWAVE_HOME=str(here))
    named = run("offers", "check", "--report", "-", TELEWAVE_HOME=str(here))
    assert named.stdout.lower().startswith(b"<!doctype html>")
    assert named.stdout.rstrip().endswith(b"</html>")
    assert named.stdout
    assert file.returncode == 1  # the small file lacks what a catalogue needs
    assert b"stdin, line" in file.stderr


def test_records_come_from_standard_input_under_a_name(tmp_path):
    rows = b"subscriber,recorded_on,activated_on,birth_date,gender,district,payment,segment\n13912345678,2026-01-03,2020-01-01,,,,prepaid,public\n"
    (tmp_path / "map.yaml").write_text("table: subscribers\n")
    environment = {"TELEWAVE_HOME": str(tmp_path / "home")}
    unnamed = run("check", "-", stdin=rows, **environment)
    assert b"[input_unnamed]" in unnamed.stderr
    for command in ("check", "ingest"):
        words = [command, "-", "--map", str(tmp_path / "map.yaml"), "--name", "first.csv", "--json"]
        named = run(*words, stdin=rows, **environment)
        assert named.returncode == 0, named.stdout
        answer = json.loads(named.stdout)
        assert answer["tables"][0]["rows"][0]["accepted"] == 1
        assert untyped(answer) == []


def test_bash_and_zsh_complete_commands_and_options():
    bash = run(_TELEWAVE_COMPLETE="complete_bash", COMP_WORDS="telewave feat", COMP_CWORD="1", language="zh")
    assert bash.stdout.split() == [b"features"]
    zsh = run(_TELEWAVE_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS="telewave features sh", language="zh")
    assert "宽表" in zsh.stdout.decode()
    assert '"show"' in zsh.stdout.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_completion_is_installed_and_said_in_the_person_s_language(tmp_path, language):
    code = "from telewave.platform.completion import shell_of; print(shell_of(None, '/bin/zsh'))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "zsh"
    script = f"{TELEWAVE} --install-completion"
    done = subprocess.run(
        ["bash", "--norc", "-c", f"{script}; true"],
        env=os.environ | {"HOME": str(tmp_path), "TELEWAVE_LANG": language, "SHELL": "/bin/bash"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (tmp_path / ".bash_completions" / "telewave.sh").exists(), done.stderr
    assert ("新开的终端" if language == "zh" else "New terminals") in done.stdout


def test_columns_without_a_heading_have_a_key():
    assert keys_of(["", "Size", "Size"]) == ["column_1", "size", "size_3"]
