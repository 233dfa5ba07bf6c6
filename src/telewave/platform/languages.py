"""Languages: English sentences in the code, Chinese ones in a `zh_CN.po` beside each capability's code.

The catalogues are read as text at first use; there is nothing to compile and nothing binary in the tree.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable, Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from string import Formatter
from typing import Any, Literal

from telewave.kernel import Label, Malformed, Message, TelewaveError

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
"""Characters of Chinese text, its punctuation included."""


class UnknownLanguage(Malformed):
    """The language {name!r} is not one of zh, en. Choose one of them with --lang or TELEWAVE_LANG."""

    code = "unknown_language"


def parse_language(name: str) -> Language:
    """The language that a tag such as `zh`, `zh-CN`, `zh_CN.UTF-8` or `en_GB` names.

    Raises `UnknownLanguage` for any other.
    """
    head = name.replace("-", "_").split("_")[0].split(".")[0].lower()
    for language in LANGUAGES:
        if head == language:
            return language
    raise UnknownLanguage(name=name)


def locale_language(environment: Mapping[str, str] | None = None) -> Language:
    """The language of the process's locale: zh for a Chinese locale, otherwise en."""
    env = os.environ if environment is None else environment
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if env.get(variable):
            return "zh" if env[variable].lower().startswith("zh") else "en"
    return "en"


@cache
def translations(language: Language) -> NullTranslations:
    """Every capability's catalogue of `language`, merged."""
    if language == "en":
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    merged: GNUTranslations | None = None
    for folder in sorted(files("telewave").iterdir(), key=lambda entry: entry.name):
        source = folder / "zh_CN.po"
        if not source.is_file():
            continue
        compiled = io.BytesIO()
        write_mo(compiled, read_po(io.BytesIO(source.read_bytes())))
        compiled.seek(0)
        catalogue = GNUTranslations(compiled)
        if merged is None:
            merged = catalogue
        else:
            merged.add_fallback(catalogue)
    return merged or NullTranslations()


def render(text: Message | Label | TelewaveError | str, language: Language) -> str:
    """What a person who reads `language` sees. Values inside a message are rendered too, several of them as an
    enumeration.
    """
    match text:
        case str():
            return text
        case Label():
            return text.zh if language == "zh" else text.en
        case TelewaveError():
            return render(text.message, language)
        case Message():
            template = translations(language).gettext(text.template)
            values = {k: _value(v, language) for k, v in text.values.items()}
            return filled(template, values) if language == "zh" else template.format(**values)


def in_both(text: Message | Label) -> Label:
    """The text as it is read in each language, for what is kept and shown later."""
    return Label(render(text, "en"), render(text, "zh"))


def joined(sentences: Iterable[Message | Label | TelewaveError | str], language: Language) -> str:
    """Sentences one after the other, as their language sets them."""
    return ("" if language == "zh" else " ").join(render(one, language) for one in sentences)


def filled(template: str, values: Mapping[str, Any]) -> str:
    """A Chinese template with its values. A blank that parts a place from the words around it is for numbers and Latin
    letters: between Chinese text and a value that begins or ends in Chinese there is none. A place that nothing but a
    blank parts from the next keeps it.

    >>> filled("{version} 的结论，共 {count} 条", {"version": "第 1 版", "count": 3})
    '第 1 版的结论，共 3 条'
    """
    found = ""
    place = ""
    for words, field, form, conversion in Formatter().parse(template):
        found = _beside(found, words) if place and words.strip() else found + words
        if field is None:
            continue
        converted = f"!{conversion}" if conversion else ""
        place = f"{{{field}{converted}{':' + form if form else ''}}}".format(**values)
        found = _beside(found, place) if words.strip() else found + place
    return found


def _beside(before: str, after: str) -> str:
    """Both together, without the one blank between two Chinese characters."""
    if before[-1:] == " " and CHINESE.match(before[-2:-1]) and CHINESE.match(after):
        return before[:-1] + after
    if after[:1] == " " and CHINESE.match(before[-1:]) and CHINESE.match(after[1:]):
        return before + after[1:]
    return before + after


def _value(value: Any, language: Language) -> Any:
    match value:
        case Message() | Label() | TelewaveError():
            return render(value, language)
        case list() | tuple():
            separator = "、" if language == "zh" else ", "
            return separator.join(str(_value(each, language)) for each in value)
        case _:
            return value
