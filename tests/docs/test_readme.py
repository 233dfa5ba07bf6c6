"""README's commands are run exactly as they stand, in order, in an empty folder with an empty home; the telecom tutorial shows what they print.

A block whose fence says `sh setup` installs the program and is left out.
"""

import csv
import re

from tests.docs.conftest import ROOT, blocks_of, commands_of
from tests.docs.test_tutorial import NUMBER, find, joined, pieces

from telewave.simulation.exports import mapping_text

PAGES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}
TUTORIAL = {"en": ROOT / "docs/tutorial/telecom.md", "zh": ROOT / "docs/zh/tutorial/telecom.md"}
LARGEST_PICTURE = 200_000
DIGITS_OF_A_NUMBER = 11


def test_both_languages_give_the_same_commands():
    assert commands_of(PAGES["en"]) == commands_of(PAGES["zh"])
    assert blocks_of(PAGES["en"], "sh setup") == blocks_of(PAGES["zh"], "sh setup")


def test_every_block_is_run_or_said_to_be_setup():
    for page in PAGES.values():
        fences = re.findall(r"^```(\S.*)$", page.read_text("utf-8"), re.MULTILINE)
        assert set(fences) == {"sh", "sh setup"}


def test_the_picture_at_the_top_is_there_and_small():
    for language, page in PAGES.items():
        (picture,) = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text("utf-8").split("\n## ")[0])
        assert picture.endswith(f".{language}.png")
        assert 0 < (ROOT / picture).stat().st_size < LARGEST_PICTURE


def test_every_command_ends_well_and_leaves_its_pages(readme_run):
    folder, _ = readme_run
    for page in ("report.html", "funnel.html", "choice.html", "policies.html", "plan.html"):
        assert "<svg" in (text := (folder / "example" / page).read_text("utf-8")) or "data-chart" in text


def test_nothing_of_the_example_is_refused(readme_run):
    assert "Refused rows" not in readme_run[1]


def test_the_list_at_the_end_can_be_called(readme_run):
    with (readme_run[0] / "example" / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 10
    assert all(row["Number"].isdigit() and len(row["Number"]) == DIGITS_OF_A_NUMBER for row in rows)
    assert {row["Day"] for row in rows} == {"2026-07-03"}


def test_everything_made_is_kept_in_the_folder_that_the_page_names(readme_run):
    assert (readme_run[0] / "example" / "telewave-home" / "warehouse").is_dir()
    assert not any((readme_run[0] / "home").glob("telewave*"))


def test_the_tutorial_s_commands_are_readme_s_in_both_languages():
    for page in TUTORIAL.values():
        assert commands_of(page) == commands_of(ROOT / "README.md")


def test_both_languages_of_the_tutorial_show_the_same_numbers():
    english, chinese = (blocks_of(page, "text") for page in TUTORIAL.values())
    assert [NUMBER.findall(text) for text in english] == [NUMBER.findall(text) for text in chinese]


def test_the_lines_of_mappings_that_the_pages_show_are_those_of_the_example():
    real = {line for name in ("bills", "orders") for line in mapping_text(name).splitlines()}
    for page in TUTORIAL.values():
        shown = [line for text in blocks_of(page, "yaml") for line in text.splitlines()]
        assert shown
        assert [line for line in shown if line not in real] == []


def test_the_pages_show_what_is_printed(readme_run):
    output = joined(readme_run[1])
    shown = [cells for text in blocks_of(TUTORIAL["en"], "text") for cells in pieces(text)]
    assert len(shown) > len(blocks_of(TUTORIAL["en"], "text"))
    assert [cells for cells in shown if not find(cells, output, exact=False)] == []


def test_every_file_that_the_page_names_is_in_the_folder(readme_run):
    named = set(re.findall(r"`(\w+\.(?:csv|html|yaml))`", TUTORIAL["en"].read_text("utf-8")))
    assert {name for name in named if not (readme_run[0] / "example" / name).exists()} == set()
