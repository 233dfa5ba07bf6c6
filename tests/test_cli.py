"""The command line as a whole: whatever goes wrong ends in a sentence, never in a traceback."""

import os
import sqlite3
import subprocess
import sys

import pytest
from tests.started import started

from telewave.platform.database import Database
from telewave.platform.files import keep_traceback
from telewave.platform.migrating import REVISIONS, upgrade


def from_nothing(*words, **environment):
    """What a new interpreter does with `telewave WORDS`: it reads its own settings first."""
    return subprocess.run(
        [sys.executable, "-m", "telewave.cli", *words],
        env=_environment(environment),
        capture_output=True,
        text=True,
        check=False,
    )


def telewave(*words, **environment):
    return started(words, env=_environment(environment), text=True)


def _environment(more):
    return os.environ | {"TELEWAVE_LANG": "en", "COLUMNS": "300"} | more


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ("TELEWAVE_DATABASE", "no address", "database_unusable"),
        ("TELEWAVE_HOME", "/dev/null/home", "home_unusable"),
        ("TELEWAVE_TIMEZONE", "Shanghai", "unreadable_setting"),
    ],
)
def test_a_setting_that_leads_nowhere_ends_in_a_sentence(tmp_path, setting, value, code):
    done = telewave("tables", **{"TELEWAVE_HOME": str(tmp_path / "home"), setting: value})
    assert (done.returncode, done.stdout) == (1, "")
    assert f"[{code}]" in done.stderr
    assert setting in done.stderr
    assert "Traceback" not in done.stderr


def test_an_old_database_is_refused_until_it_is_migrated(tmp_path):
    made = Database(f"sqlite:///{tmp_path / 'operations.sqlite'}")
    with made.engine.begin() as connection:
        upgrade(connection, REVISIONS[0])
    made.close()
    refused = telewave("tables", TELEWAVE_HOME=str(tmp_path))
    assert (refused.returncode, "[schema_older]" in refused.stderr) == (1, True)
    command = refused.stderr.split("run: ")[1].split("  [")[0].split()
    assert command == ["telewave", "migrate"]
    brought = telewave(*command[1:], TELEWAVE_HOME=str(tmp_path))
    assert (brought.returncode, f"from schema {REVISIONS[0]} to {REVISIONS[-1]}" in brought.stdout) == (
        0,
        True,
    )
    assert "already" in telewave("migrate", TELEWAVE_HOME=str(tmp_path)).stdout
    assert telewave("tables", TELEWAVE_HOME=str(tmp_path)).returncode == 0


def test_everything_in_a_new_home_is_readable_by_its_owner_only(tmp_path):
    home = tmp_path / "home"
    assert telewave("tables", TELEWAVE_HOME=str(home)).returncode == 0
    assert [path for path in (home, *home.rglob("*")) if path.stat().st_mode & 0o077] == []


def test_a_folder_that_was_there_before_keeps_its_permissions(tmp_path):
    tmp_path.chmod(0o755)
    assert telewave("tables", TELEWAVE_HOME=str(tmp_path)).returncode == 0
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert [path for path in tmp_path.rglob("*") if path.stat().st_mode & 0o077] == []


def test_a_spoilt_manifest_ends_in_a_sentence(tmp_path):
    assert telewave("tables", TELEWAVE_HOME=str(tmp_path)).returncode == 0
    manifest = tmp_path / "warehouse" / "usage" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("{")
    done = telewave("tables", TELEWAVE_HOME=str(tmp_path))
    assert (done.returncode, "[manifest_spoilt]" in done.stderr) == (1, True)


def test_what_nobody_foresaw_ends_in_a_sentence_that_names_a_file_with_the_details(tmp_path):
    assert telewave("tables", TELEWAVE_HOME=str(tmp_path)).returncode == 0
    manifest = tmp_path / "warehouse" / "usage" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text('{"version": 1, "partitions": {}, "facts": {"title": 5}}')
    done = telewave("tables", TELEWAVE_HOME=str(tmp_path))
    (kept,) = tmp_path.glob("error-*.log")
    assert done.returncode == 1
    assert str(kept) in done.stderr.replace("\n", "")
    assert "Traceback" not in done.stderr
    assert "TypeError" in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0


def test_a_database_that_is_none_ends_in_a_sentence(tmp_path):
    (tmp_path / "operations.sqlite").write_text("no database, and long enough to be looked at as one" * 20)
    done = telewave("tables", TELEWAVE_HOME=str(tmp_path))
    assert (done.returncode, "[database_spoilt]" in done.stderr) == (1, True)


@pytest.mark.parametrize("name", ["what?", "100%20", "li's", "back\\slash", "主目录"])
def test_a_home_may_be_called_anything(tmp_path, name):
    home = tmp_path / name
    assert telewave("tables", TELEWAVE_HOME=str(home)).returncode == 0
    assert (home / "operations.sqlite").stat().st_size
    assert telewave("doctor", TELEWAVE_HOME=str(home)).returncode == 0


def test_doctor_says_what_is_wrong_and_what_to_do_and_is_silent_of_a_whole_home(tmp_path):
    refused = telewave("doctor", TELEWAVE_HOME=str(tmp_path / "absent"))
    assert (refused.returncode, "[no_home]" in refused.stderr) == (1, True)
    assert telewave("tables", TELEWAVE_HOME=str(tmp_path)).returncode == 0
    assert telewave("doctor", TELEWAVE_HOME=str(tmp_path)).returncode == 0
    (tmp_path / "warehouse" / "home.json").chmod(0o644)
    found = telewave("doctor", TELEWAVE_HOME=str(tmp_path), COLUMNS="300")
    assert (found.returncode, "chmod -R go=" in found.stdout) == (1, True)


def test_details_are_kept_among_the_temporary_files_where_there_is_no_home(tmp_path):
    kept = keep_traceback("details", tmp_path / "absent")
    assert kept.read_text() == "details"
    kept.unlink()


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}


def test_where_the_locale_knows_ascii_only_chinese_goes_in_and_out_all_the_same(tmp_path):
    home = {"TELEWAVE_HOME": str(tmp_path), **ASCII}
    done = from_nothing("--lang", "zh", "audience", "define", "年轻", "age < 30", **home)
    assert (done.returncode, "年轻" in done.stdout, done.stderr) == (0, True, "")
    asked = from_nothing("--lang", "zh", "ingest", "--map", "不在这里.yaml", "x.csv", **home)
    assert (asked.returncode, "不在这里.yaml" in asked.stderr, "Traceback" in asked.stderr) == (
        1,
        True,
        False,
    )


@pytest.mark.parametrize("name", ["a" * 300, "超长的文件名" * 20])
def test_a_name_that_is_too_long_for_the_disk_is_told(tmp_path, name):
    home = {"TELEWAVE_HOME": str(tmp_path / "home")}
    for words in (("init", str(tmp_path / name)), ("campaign", "template", str(tmp_path / f"{name}.yaml"))):
        done = telewave(*words, **home)
        assert (done.returncode, "too long" in done.stderr) == (1, True), done.stderr


def test_a_database_stamped_with_a_revision_that_nobody_knows_is_told(tmp_path):
    home = {"TELEWAVE_HOME": str(tmp_path)}
    assert telewave("tables", **home).returncode == 0
    with sqlite3.connect(tmp_path / "operations.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
    for words in (("migrate",), ("tables",)):
        done = telewave(*words, **home)
        assert (done.returncode, "[schema_newer]" in done.stderr) == (1, True)
