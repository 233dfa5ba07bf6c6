"""The tutorial on measuring an experiment is done as it is written, on the file that it makes, in both languages."""

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from tests.docs.conftest import path_with_program
from tests.docs.test_tutorial import NUMBER, find, joined, pieces

ROOT = Path(__file__).resolve().parents[2]
PAGES = {"en": ROOT / "docs/tutorial/experiment.md", "zh": ROOT / "docs/zh/tutorial/experiment.md"}
REFUSED = "lost.csv"


def blocks(language):
    """The commands of each `sh` block, with the excerpt that is shown below them."""
    found = re.findall(r"^```(sh|text)\n(.*?)^```$", PAGES[language].read_text(), re.MULTILINE | re.DOTALL)
    assert [kind for kind, _ in found] == ["sh", "text"] * (len(found) // 2)
    return [(command, excerpt) for (_, command), (_, excerpt) in zip(found[::2], found[1::2], strict=True)]


def test_both_languages_give_the_same_commands_and_numbers():
    for (command, excerpt), (other, chinese) in zip(blocks("en"), blocks("zh"), strict=True):
        assert command == other
        assert not Counter(NUMBER.findall(excerpt)) - Counter(NUMBER.findall(chinese))


def follow(shown, language, folder):
    """Do what is shown in an empty home, and compare what is printed."""
    environment = {
        "HOME": str(folder),
        "PATH": path_with_program(),
        "COLUMNS": "400",
        "TELEWAVE_LANG": language,
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    for command, excerpt in shown:
        script = ["bash", "-euo", "pipefail", "-c", command]
        done = subprocess.run(script, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)  # fmt: skip
        assert done.returncode == (REFUSED in command), done.stdout
        output, exact = joined(done.stdout), "uplift" not in command
        assert [cells for cells in pieces(excerpt) if not find(cells, output, exact)] == [], done.stdout


def test_measuring_prints_what_the_page_shows(tmp_path):
    follow(blocks("en")[:2] + blocks("en")[3:4], "en", tmp_path)
    assert (tmp_path / "trial.html").is_file()


@pytest.mark.prove
@pytest.mark.parametrize("language", PAGES)
def test_every_command_works_and_prints_what_the_page_shows(language, tmp_path):
    follow(blocks(language), language, tmp_path)
    assert (tmp_path / "uplift.html").is_file()
