"""Help pages and mistakes on the command line, in both languages, as a person sees them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from rich.cells import cell_len

from telewave.cli import command_tree
from telewave.platform.command_line import commands
from telewave.platform.help_pages import kind_of
from telewave.platform.languages import LANGUAGES
from telewave.platform.terminal import column_widths
from telewave.platform.usage_errors import usage_sentence

TELEWAVE = Path(sys.executable).with_name("telewave")
NAMES = {
    "telewave",
    "zh",
    "en",
    "html",
    "json",
    "sqlite",
    "a",
    "b",
    "x",
    "yaml",
    "parquet",
    "csv",
    "postgresql",
}


def run(*words, language, columns=80):
    environment = os.environ | {"TELEWAVE_LANG": language, "COLUMNS": str(columns)}
    return subprocess.run([TELEWAVE, *words], env=environment, capture_output=True, text=True, check=False)


def tree():
    return [path.split()[1:] for path, _ in commands(command_tree(), "telewave")]


def test_a_chinese_help_page_has_no_english_words_but_names_of_commands_options_and_arguments():
    page = run("train", "--help", language="zh").stdout + run("--help", language="zh").stdout
    known = NAMES | {word for path in tree() for word in path} | {"train"}
    words = {word.lower() for word in re.findall(r"(?<![-\w])[A-Za-z]+(?![-\w])", page)}
    assert words - known <= {"telewave"}
    assert "用法：telewave train [选项]" in page


def test_no_help_text_is_cut_off_in_a_narrow_terminal():
    page = run("train", "--help", language="zh", columns=70).stdout
    assert "…" not in page
    assert "表示全部" in page.replace("│\n", "").replace(" ", "").replace("│", "")
    assert max(cell_len(line) for line in page.splitlines()) <= 70


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_parameter_has_a_kind_that_people_understand(language):
    for _, command in commands(command_tree(), "telewave"):
        for parameter in command.params:
            kind_of(parameter, language)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["train", "--step", "x"], "--step takes a whole number, and something else was given."),
        (
            ["train", "--population-rate", "x"],
            "--population-rate takes a number, and something else was given.",
        ),
        (["audience", "show", "a", "--version", "0"], "--version takes numbers of at least 1."),
        (["score"], "The option --model is missing."),
        (["audience", "list", "x"], "Nothing may follow the arguments, but there is: x."),
        (["train", "--step"], "The option --step needs a value."),
        (["brew"], "There is no command brew here."),
        (["train", "--brew", "1"], "There is no option --brew here."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_on_the_command_line_names_its_place(words, sentence):
    with pytest.raises(typer.TyperException) as caught:
        command_tree()(words, standalone_mode=False)
    assert str(usage_sentence(caught.value)) == sentence


def test_a_mistake_ends_with_2_and_a_chinese_sentence():
    done = run("score", language="zh")
    assert done.returncode == 2
    assert "缺少选项 --model" in done.stderr


def test_columns_that_fit_are_as_wide_as_their_longest_cell():
    assert column_widths([["a", "bbb"], ["cc"]], 80) == [3, 2]


def test_in_a_narrow_terminal_intervals_stay_whole_and_sentences_are_broken():
    columns = [["", "a sentence of many words"], ["AUC", "0.772 (0.763–0.780)"]]
    widths = column_widths(columns, 40)
    assert sum(widths) + 3 * 2 + 1 <= 40
    assert widths[1] >= len("(0.763–0.780)")


def test_columns_share_what_there_is_where_nothing_fits():
    widths = column_widths([["x" * 50], ["y" * 50]], 30)
    assert sum(widths) + 3 * 2 + 1 == 30
