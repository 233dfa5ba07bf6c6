"""Every sentence that a person can see exists in Chinese, with the same places to fill."""

import ast
import inspect
import re
import string
from pathlib import Path

import pytest

import telewave
from telewave.platform.documentation import all_errors
from telewave.platform.languages import translations

SOURCE = Path(telewave.__file__).parent
CAPABILITIES = sorted(folder.name for folder in SOURCE.iterdir() if (folder / "__init__.py").exists())
SPEAKERS = {"Message", "spoken"}


def sentences_in_code(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", getattr(node.func, "attr", "")) in SPEAKERS
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        ):
            found.add(node.args[0].value)
    return found


def sentences_in_templates(folder: Path) -> set[str]:
    found = set()
    for template in folder.rglob("*.html"):
        found |= {m[1] for m in re.finditer(r"\bt\(\s*\"((?:[^\"\\]|\\.)+)\"", template.read_text())}
    return found


def sentences_of(place: str) -> set[str]:
    folder = SOURCE / place if place != "top" else SOURCE
    files = folder.rglob("*.py") if place != "top" else folder.glob("*.py")
    found = set().union(*(sentences_in_code(f) for f in files))
    if place != "top":
        found |= sentences_in_templates(folder)
    return {text for text in found if re.search("[A-Za-z]{2}", re.sub(r"\{[^}]*\}", "", text))}


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("place", [*CAPABILITIES, "top"])
def test_every_sentence_of_a_capability_is_translated_with_the_same_places(place):
    chinese = translations("zh")
    untranslated, mismatched = [], []
    for sentence in sorted(sentences_of(place)):
        translated = chinese.gettext(sentence)
        if not re.search(r"[\u4e00-\u9fff]", translated):
            untranslated.append(sentence)
        elif places(translated) - places(sentence):
            mismatched.append(sentence)
    assert not untranslated, "untranslated:\n" + "\n".join(untranslated)
    assert not mismatched, "places that the English sentence does not fill:\n" + "\n".join(mismatched)


def test_every_error_is_translated_and_names_a_remedy_in_a_full_sentence():
    chinese = translations("zh")
    silent = [
        e.__name__
        for e in all_errors()
        if not re.search(r"[\u4e00-\u9fff]", chinese.gettext(e.template()))
        or places(chinese.gettext(e.template())) - places(e.template())
    ]
    assert not silent
    assert all(inspect.getdoc(error) for error in all_errors())


def test_no_chinese_sentence_is_left_over_from_a_removed_english_one():
    known = set().union(*(sentences_of(place) for place in [*CAPABILITIES, "top"]))
    known |= {error.template() for error in all_errors()}
    left_over = [
        entry
        for path in SOURCE.glob("*/zh_CN.po")
        for entry in _entries(path)
        if entry not in known and re.search("[A-Za-z]{2}", re.sub(r"\{[^}]*\}", "", entry))
    ]
    assert not left_over


def _entries(path: Path) -> set[str]:
    return set(_translations(path))


def _translations(path: Path) -> dict[str, str]:
    from babel.messages.pofile import read_po

    with path.open("rb") as source:
        return {message.id: message.string for message in read_po(source) if message.id}


def test_a_sentence_has_one_translation_whichever_capability_says_it():
    # The catalogues are merged: of two translations of one sentence, readers of both places would see the first.
    found: dict[str, set[str]] = {}
    for path in SOURCE.glob("*/zh_CN.po"):
        for sentence, translated in _translations(path).items():
            found.setdefault(sentence, set()).add(translated)
    assert {sentence: told for sentence, told in found.items() if len(told) > 1} == {}


def test_what_stands_beside_a_command_on_a_chinese_page_is_chinese():
    root = SOURCE.parents[1]
    pages = [root / "README.zh-CN.md", *(root / "docs" / "zh").rglob("*.md")]
    remarks = [
        (page.name, line)
        for page in pages
        for line in page.read_text(encoding="utf-8").splitlines()
        if re.match(r"telewave .*\s# ", line) and not re.search(r"\s# .*[\u4e00-\u9fff]", line)
    ]
    assert remarks == []
