"""Reference pages made from the code itself: settings and errors. A test holds the committed pages against these."""

from __future__ import annotations

import importlib.util
import pkgutil

from telewave.kernel import Message, TelewaveError
from telewave.kernel.errors import Conflict, Forbidden, Malformed, Missing
from telewave.platform.languages import Language, render, translations
from telewave.platform.settings import SETTINGS

_FAMILIES = (TelewaveError, Malformed, Missing, Conflict, Forbidden)


def settings_markdown(language: Language) -> str:
    """Every environment variable with its default and meaning."""
    head = Message("# Settings"), Message("Read from the environment at the start of each command.")
    columns = [Message("Variable"), Message("Default"), Message("Meaning")]
    rows = [
        [f"`{s.variable}`", f"`{s.default}`" if s.default else "", render(s.meaning, language)]
        for s in SETTINGS
    ]
    return _page([render(text, language) for text in head], [render(c, language) for c in columns], rows)


def errors_markdown(language: Language) -> str:
    """Every error: its code, its HTTP status, its sentence."""
    head = (
        Message("# Errors"),
        Message(
            "What Telewave refuses, and what to do about it. The code is stable; the sentence is what a person sees."
        ),
    )
    columns = [Message("Code"), Message("Status"), Message("Sentence")]
    rows = [
        [f"`{error.code}`", str(error.status), _sentence(error, language)]
        for error in sorted(all_errors(), key=lambda e: e.code)
    ]
    return _page([render(text, language) for text in head], [render(c, language) for c in columns], rows)


def all_errors() -> list[type[TelewaveError]]:
    """Every concrete error class of the package, by name: workers that share the tests must meet them in one order."""
    for module in pkgutil.walk_packages(_package_path(), "telewave."):
        if ".migrations" not in module.name and "__main__" not in module.name:
            importlib.import_module(module.name)
    found: set[type[TelewaveError]] = set()
    queue: list[type[TelewaveError]] = [TelewaveError]
    while queue:
        for child in queue.pop().__subclasses__():
            queue.append(child)
            if child.__module__.startswith("telewave."):
                found.add(child)
    return sorted(found - set(_FAMILIES), key=lambda error: (error.__name__, error.__module__))


def _package_path() -> list[str]:
    # Found, not imported: the package's own face may import what is above this module.
    found = importlib.util.find_spec("telewave")
    return list(found.submodule_search_locations or ()) if found else []


def _sentence(error: type[TelewaveError], language: Language) -> str:
    # The template itself is shown, its places still open.
    return translations(language).gettext(error.template()).replace("|", "\\|")


def _page(head: list[str], columns: list[str], rows: list[list[str]]) -> str:
    lines = [head[0], "", *head[1:], "", "| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
