"""The commands of the page on operating run as they stand, on the home that README's commands made; both languages show the same.

Blocks say what they are: `sh` runs, `sh settings` names a machine's own folders and servers and is replaced by the test's, `sh postgresql` needs
a server, `sh container` a container engine and is left out.
"""

import re
import shutil
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.conftest import _binaries
from tests.docs.conftest import ROOT, blocks_of, commands_of, run_in_shell

PAGES = {"en": ROOT / "docs/operate.md", "zh": ROOT / "docs/zh/operate.md"}
KINDS = ("sh", "sh settings", "sh postgresql", "sh container", "cron")
NOT_RUN = ("telewave doctor", "telewave init", "telewave --version", "telewave tables")
"""In passing, in prose."""


def lines_of(language, kind):
    text = "".join(blocks_of(PAGES[language], kind))
    return [re.sub(r"\s+# .*$", "", line) for line in text.splitlines()]


def inline(language):
    """The commands in backquotes of the sections on upgrade and schedule, each once."""
    page = re.sub(r"^```.*?^```", "", PAGES[language].read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[4:6]
    found = re.findall(r"`(telewave [^`]+)`", "".join(sections))
    return list(dict.fromkeys(one for one in found if one not in NOT_RUN))


def test_both_languages_show_the_same_commands():
    for kind in KINDS:
        assert lines_of("en", kind) == lines_of("zh", kind), kind
        assert lines_of("en", kind), kind
    assert inline("en") == inline("zh")


def test_every_block_says_what_it_is():
    for page in PAGES.values():
        opened = re.findall(r"^```(.*)$", page.read_text("utf-8"), re.MULTILINE)[::2]
        assert set(opened) == set(KINDS)


@pytest.fixture
def place(readme_run, tmp_path):
    """The folder of the worked example, a copy to change, and the settings that name its home and two folders for backups."""
    folder = shutil.copytree(readme_run[0] / "example", tmp_path / "srv")
    for name in ("backup", "elsewhere", "home"):
        (folder / name).mkdir()
    settings = {
        "TELEWAVE_HOME": folder / "telewave-home",
        "BACKUP": folder / "backup",
        "KEYS": folder / "elsewhere",
        "DAY": "2026-07-03",
    }
    return folder, {name: str(value) for name, value in settings.items()}


def test_the_home_that_readme_made_is_backed_up_restored_and_goes_on(place):
    folder, settings = place
    backup, restore = blocks_of(PAGES["en"], "sh")
    run_in_shell(backup, folder, **settings)
    assert "identity.key" not in run_in_shell("tar -tzf backup/*.tar.gz", folder)
    (folder / "telewave-home").rename(folder / "lost")
    told = run_in_shell(restore, folder, **settings)
    assert "urban-young" in told
    ran = {line for line in commands_of(ROOT / "README.md") if line.startswith("telewave")}
    for command in inline("en"):
        if command not in ran:  # what README shows was run by it
            once = command.removesuffix(
                " --keep-on"
            )  # with it, the command waits for more until somebody ends it
            told = run_in_shell(once, folder, **settings)
    (cron,) = "".join(blocks_of(PAGES["en"], "cron")).splitlines()
    command = re.fullmatch(r"\d+ \d+ \* \* \*  telewave  (.*)", cron)[1]
    (folder / "telewave.env").write_text(f"export TELEWAVE_HOME={settings['TELEWAVE_HOME']}\n")
    command = command.replace("/srv/telewave", str(folder))
    assert run_in_shell(command, folder, program=("/bin/sh", "-c")).count("\n") <= 6, "quiet"


@pytest.mark.postgresql
def test_a_home_with_postgresql_is_made_backed_up_and_restored(postgresql_url, tmp_path):
    for name in ("backup", "elsewhere", "home"):
        (tmp_path / name).mkdir()
    settings = {
        "TELEWAVE_HOME": str(tmp_path / "telewave"),
        "BACKUP": str(tmp_path / "backup"),
        "DAY": "2026-07-03",
        "PGHOST": parse_qs(urlsplit(postgresql_url).query)["host"][0],
        "PGUSER": "postgres",
    }
    dump, restore, first = blocks_of(PAGES["en"], "sh postgresql")
    script = f"""
    PATH={_binaries()}:$PATH
    {first}
    telewave audience define young "age between 18 and 30"
    {dump}
    dropdb telewave
    {restore}
    telewave doctor
    telewave audience list
    dropdb --force telewave && dropuser telewave
    """
    assert run_in_shell(script, tmp_path, **settings).count("young") > 1
