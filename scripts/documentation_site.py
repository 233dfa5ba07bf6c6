"""Build the documentation site, English and Chinese, into a folder: python scripts/documentation_site.py [FOLDER]   (default: site)

The pages are README, ARCHITECTURE and the like and what lies under docs, as they stand. Here they are laid out as two sites, the Chinese one inside the
English one; links are turned to where their targets come to lie, and a link to nothing ends the building, as does any warning of the builder.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "zh")
TOP = {
    "en": {"README.md": "index.md", "ARCHITECTURE.md": "architecture.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"},
    "zh": {"README.zh-CN.md": "index.md"},
}  # fmt: skip
ENGLISH_ONLY = ("adr", "glossary.md")
SECTIONS = {
    "": ("Overview", "总览"),
    "tutorial": ("Tutorials", "教程"),
    "reference": ("Reference", "参考"),
    "adr": ("Decisions", "设计决策(英文)"),
}
OTHER = {"en": ("zh", "本页中文版"), "zh": ("en", "This page in English")}
LINK = re.compile(r"(\]\()(?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")
CODE = re.compile(r"(^```.*?^```[^\n]*$|`[^`\n]*`)", re.MULTILINE | re.DOTALL)


class LeadsNowhere(Exception):
    """A link whose target is not in the documentation."""


def main(arguments: list[str]) -> None:
    """Lay out both sites and build them; the first argument is the folder."""
    target = Path(arguments[0] if arguments else "site").absolute()
    shutil.rmtree(target, ignore_errors=True)
    pages = {language: places(language) for language in LANGUAGES}
    with tempfile.TemporaryDirectory() as folder:
        for language in LANGUAGES:
            lay_out(Path(folder) / language, language, pages)
            build(Path(folder) / language)
        shutil.copytree(Path(folder) / "en" / "site", target)
        shutil.copytree(Path(folder) / "zh" / "site", target / "zh")


def places(language: str) -> dict[Path, str]:
    """Every file of this language's site, with its place there."""
    docs = ROOT / "docs"
    own = docs if language == "en" else docs / "zh"
    found = {ROOT / name: place for name, place in TOP[language].items()}
    for file in sorted(own.rglob("*")):
        inside = file.relative_to(own)
        if file.is_file() and inside.parts[0] not in ("zh", "site"):
            found[file] = str(inside)
    if language == "zh":
        of_both = [
            file
            for name in ENGLISH_ONLY
            for file in (docs / name, *sorted((docs / name).rglob("*")))
            if file.is_file()
        ]
        of_both += [file for file in sorted(docs.rglob("*.*")) if file.suffix != ".md"]
        shared = [file for file in of_both if file.relative_to(docs).parts[0] not in ("zh", "site")]
        found |= {file: str(file.relative_to(docs)) for file in shared}
    return found


def lay_out(folder: Path, language: str, pages: dict[str, dict[Path, str]]) -> None:
    """Write the pages and the configuration of one site."""
    for file, place in pages[language].items():
        to = folder / "docs" / place
        to.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".md":
            to.write_text(with_links(file, language, pages), "utf-8")
        else:
            shutil.copyfile(file, to)
    settings = yaml.safe_load((ROOT / "docs" / "site" / f"{language}.yml").read_text("utf-8"))
    settings |= {"docs_dir": "docs", "site_dir": "site", "nav": navigation(folder / "docs", language)}
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), "utf-8")


def with_links(file: Path, language: str, pages: dict[str, dict[Path, str]]) -> str:
    """The page's text with its links turned, and under its title the way to the same page in the other language."""
    here = pages[language][file]

    def turned(match: re.Match[str]) -> str:
        return f"{match[1]}{address(file, match[2], language, pages)}{match[3] or ''})"

    pieces = CODE.split(file.read_text("utf-8"))
    text = "".join(piece if piece.startswith("`") else LINK.sub(turned, piece) for piece in pieces)
    other, words = OTHER[language]
    twin = next((one for one, place in pages[other].items() if place == here and one != file), None)
    way = f"({across(here, here, language)})"
    if twin is None or way in text:
        return text
    title, _, rest = text.partition("\n")
    return f"{title}\n\n[{words}]{way}\n{rest}"


def address(file: Path, link: str, language: str, pages: dict[str, dict[Path, str]]) -> str:
    """Where a link of this page leads on the site. Raises `LeadsNowhere`."""
    target, here = Path(os.path.normpath(file.parent / link)), pages[language][file]
    if target in pages[language]:
        return os.path.relpath(pages[language][target], Path(here).parent)
    other = OTHER[language][0]
    if target in pages[other]:
        return across(here, pages[other][target], language)
    if target.is_dir() and (places_of := [p for f, p in pages[language].items() if target in f.parents]):
        return os.path.relpath(places_of[0], Path(here).parent)
    raise LeadsNowhere(f"{file.relative_to(ROOT)}: {link}")


def across(here: str, there: str, language: str) -> str:
    """From a page to the address of one in the other language's site; the builder turns it from the page's file to its address."""
    root = "../" * len(Path(here).parent.parts)
    return f"{root}{'zh/' if language == 'en' else '../'}{page_address(there)}"


def page_address(place: str) -> str:
    """The address of a page under its site: a folder for each page."""
    if not place.endswith(".md"):
        return place
    name = place.removesuffix(".md")
    return "" if name == "index" else f"{name}/"


def navigation(docs: Path, language: str) -> list[dict[str, object]]:
    """Every page under its section, by name; the first page first."""
    column = LANGUAGES.index(language)
    found: list[dict[str, object]] = []
    for section, names in SECTIONS.items():
        inside = sorted(str(file.relative_to(docs)) for file in (docs / section).glob("*.md"))
        inside.sort(key=lambda place: place != "index.md")
        if inside:
            found.append({names[column]: list(inside)})
    return found


def build(folder: Path) -> None:
    """Build one site; any warning ends the building."""
    command = [
        sys.executable,
        "-m",
        "zensical",
        "build",
        "--strict",
        "--config-file",
        str(folder / "mkdocs.yml"),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=os.environ | {"NO_COLOR": "1"}
    )
    if done.returncode or "arning" in done.stdout + done.stderr:
        sys.exit(done.stdout + done.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
