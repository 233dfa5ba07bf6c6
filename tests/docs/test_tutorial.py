"""The tutorial is done as it is written, from an empty home, and its page shows what really comes out."""

import html
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.docs.conftest import path_with_program

ROOT = Path(__file__).resolve().parents[2]
PAGES = {"en": ROOT / "docs/tutorial/bank.md", "zh": ROOT / "docs/zh/tutorial/bank.md"}
FIGURE = r"\d+(?:,\d{3})*(?:\.\d+)?"
NUMBER = re.compile(FIGURE)
CLOSE = 0.05  # what depends on the model may move that far, relatively, from machine to machine
CLOSE_SHARE = 0.01  # the same for shares and AUCs, absolutely


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: what stands after the fence, and its text."""

    kind: str
    text: str


@dataclass(frozen=True)
class Shown:
    """An excerpt that a page shows, and the commands above it."""

    command: str
    excerpt: str
    report: bool


def blocks(language):
    found = re.findall(r"^```(\S[^\n]*)\n(.*?)^```$", PAGES[language].read_text(), re.MULTILINE | re.DOTALL)
    return [Block(kind, text) for kind, text in found]


def commands(language):
    return [block.text for block in blocks(language) if block.kind == "sh"]


def excerpts(language):
    found, command = [], ""
    for block in blocks(language):
        if block.kind == "sh":
            command = block.text
        elif block.kind.startswith("text"):
            found.append(Shown(command, block.text, "report" in block.kind))
    return found


def pieces(excerpt):
    """The excerpt's table rows, each as its cells, and its sentences, each without blanks."""
    for paragraph in re.split(r"\n\s*\n|\n(?=[│┃])|(?<=[│┃])\n", excerpt.strip()):
        if paragraph[0] in "│┃":
            yield [bare(cell) for cell in re.split("[│┃]", paragraph.strip())[1:-1] if cell.strip()]
        else:
            yield [bare(paragraph)]


def bare(text):
    """Without blanks: lines are broken elsewhere on the page than in the terminal."""
    return re.sub(r"\s+", "", text)


def value(number):
    return float(number.replace(",", ""))


def find(cells, output, exact):
    """Whether `cells` follow each other on one line of `output` (a sentence: anywhere), their numbers alike."""
    parts = []
    for cell in cells:
        words = [re.escape(word) for word in NUMBER.split(cell)]
        parts.append(f"({FIGURE})".join(words))
    wanted = [value(number) for cell in cells for number in NUMBER.findall(cell)]
    between = "[^\n]*?[│┃]" if len(cells) > 1 else ""
    for match in re.finditer(between.join(parts), output):
        given = [value(number) for number in match.groups()]
        if all(alike(a, b, exact) for a, b in zip(wanted, given, strict=True)):
            return True
    return False


def alike(wanted, given, exact):
    if wanted == given:
        return True
    margin = CLOSE_SHARE if wanted <= 1 else CLOSE * wanted
    return not exact and abs(wanted - given) <= margin


def joined(output):
    """The output with its blanks removed but its lines kept; sentences over several lines are no matter at this width."""
    return "\n".join(bare(line) for line in output.splitlines())


def perform(script, folder, environment, check=True):
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not check or done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return joined(done.stdout)


@pytest.fixture(scope="module")
def place(tmp_path_factory, real_data):
    """An empty folder with an empty home, the tutorial's two files and the bank's."""
    folder = tmp_path_factory.mktemp("tutorial")
    (folder / "home").mkdir()
    (folder / "docs" / "tutorial").mkdir(parents=True)
    for file in (ROOT / "docs" / "tutorial").glob("*.yaml"):
        shutil.copy(file, folder / "docs" / "tutorial")
    environment = {
        "HOME": str(folder / "home"),
        "TELEWAVE_HOME": str(folder / "home" / "bank"),
        "PATH": path_with_program(),
        "BANK": str(real_data / "bank-marketing" / "bank-additional-full.csv"),
        "COLUMNS": "400",
        "TELEWAVE_LANG": "en",
        "OMP_WAIT_POLICY": "PASSIVE",
        "TELEWAVE_THREADS": "2",
    }
    return folder, environment


@pytest.fixture(scope="module")
def outputs(place):
    """What each command block prints when the page is followed from top to bottom."""
    folder, environment = place
    return {script: perform(script, folder, environment) for script in commands("en")}


def report_text(folder, language):
    page = (folder / "home" / "bank" / f"report.{language}.html").read_text(encoding="utf-8")
    text = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    return bare(html.unescape(re.sub(r"<[^>]+>", "", text)))


def missing_from(shown, output):
    exact = not any(word in shown.command for word in ("train", "models", "group", "report"))
    return [cells for cells in pieces(shown.excerpt) if not find(cells, output, exact)]


def test_both_languages_give_the_same_commands():
    assert commands("en") == commands("zh")
    prepared = {
        language: [block.text for block in blocks(language) if block.kind == "sh setup"] for language in PAGES
    }
    assert [text.replace("LANG=zh", "LANG=en") for text in prepared["zh"]] == prepared["en"]


def test_both_languages_show_the_same_numbers():
    for english, chinese in zip(excerpts("en"), excerpts("zh"), strict=True):
        assert sorted(NUMBER.findall(english.excerpt)) == sorted(NUMBER.findall(chinese.excerpt))


def test_the_parts_of_the_files_that_the_pages_show_are_in_the_files():
    for language in PAGES:
        shown = [block.text for block in blocks(language) if block.kind == "yaml"]
        for text, file in zip(shown, ("bank.yaml", "bank-plan.yaml"), strict=True):
            whole = {plain(line) for line in (ROOT / "docs/tutorial" / file).read_text().splitlines()}
            assert [line for line in text.splitlines() if plain(line) not in whole] == []


def plain(line):
    return line.partition(" #")[0].strip()


@pytest.mark.data
def test_every_command_of_the_tutorial_works_and_prints_what_the_page_shows(outputs, place):
    wrong = {}
    for shown in excerpts("en"):
        output = report_text(place[0], "en") if shown.report else outputs[shown.command]
        if lacking := missing_from(shown, output):
            wrong[shown.command] = lacking
    assert not wrong, f"show in docs/tutorial/bank.md what is printed now: {wrong}"


@pytest.mark.data
def test_the_auc_of_the_run_lies_within_the_interval_that_the_page_shows(outputs):
    row = r"refreshed at every step.*?│ (\d\.\d+) \((\d\.\d+)–(\d\.\d+)\)"
    _, low, high = map(float, re.search(row, PAGES["en"].read_text()).groups())
    train = next(text for script, text in outputs.items() if "telewave train" in script)
    assert low <= float(re.search(bare(row), train)[1]) <= high


@pytest.mark.data
def test_in_chinese_the_card_the_groups_and_the_report_read_as_the_page_shows(outputs, place):
    folder, environment = place
    chinese = environment | {"TELEWAVE_LANG": "zh"}
    card = perform("telewave models bank", folder, chinese)
    for shown in excerpts("zh"):
        if shown.report:
            assert missing_from(shown, report_text(folder, "zh")) == []
        elif "telewave train" in shown.command:
            assert missing_from(shown, card) == []
        elif "telewave group" in shown.command:
            assert missing_from(shown, perform(shown.command, folder, chinese)) == []
