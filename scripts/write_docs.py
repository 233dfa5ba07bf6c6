"""Write the reference pages that are made from the code, in both languages; with --check, only compare.

.venv/bin/python scripts/write_docs.py
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EVERY_COMMAND = {
    "en": "Every command also takes `-h`, `--json` and `--quiet`: see [the command line](command-line.md).",
    "zh": "每个命令还可加 `-h`、`--json`、`--quiet`，见[命令行](command-line.md)。",
}
FOLDERS = {"en": ROOT / "docs" / "reference", "zh": ROOT / "docs" / "zh" / "reference"}


def main(arguments: list[str]) -> int:
    """Do both languages, each in a process of its own, since help texts are spoken in the language of the process."""
    if language := os.environ.get("TELEWAVE_DOCS_LANGUAGE"):
        return write(language, check="--check" in arguments)
    codes = []
    for language in FOLDERS:
        environment = os.environ | {"TELEWAVE_DOCS_LANGUAGE": language, "TELEWAVE_LANG": language}
        codes.append(
            subprocess.run([sys.executable, __file__, *arguments], env=environment, check=False).returncode
        )
    return max(codes)


def write(language: Any, check: bool) -> int:
    """Write or compare one language's pages; 1 if a compared page is stale."""
    stale = []
    for name, make in pages().items():
        path, text = FOLDERS[language] / name, make(language)
        if check:
            if not path.exists() or path.read_text() != text:
                stale.append(str(path.relative_to(ROOT)))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    for page in stale:
        print(
            f"{page} is not what the code says: run scripts/write_docs.py and commit the result",
            file=sys.stderr,
        )
    return 1 if stale else 0


def pages() -> dict[str, Callable[[Any], str]]:
    """File name to the function that makes the page in a language."""
    from telewave.features.documentation import features_markdown
    from telewave.funnel.documentation import funnel_markdown
    from telewave.platform.documentation import errors_markdown, settings_markdown
    from telewave.records.documentation import contracts_markdown
    from telewave.simulation.documentation import assumptions_markdown

    return {
        "settings.md": settings_markdown,
        "errors.md": errors_markdown,
        "commands.md": commands_markdown,
        "features.md": features_markdown,
        "funnel.md": funnel_markdown,
        "records.md": contracts_markdown,
        "simulated-city-assumptions.md": assumptions_markdown,
    }


def commands_markdown(language: Any) -> str:
    """Every command with its arguments and options."""
    from telewave.cli import command_tree
    from telewave.platform.command_line import EVERYWHERE, commands

    lines = [{"en": "# Commands", "zh": "# 命令"}[language], "", EVERY_COMMAND[language], ""]
    for path, command in commands(command_tree(), "telewave"):
        lines += [f"## `{path}`", "", (command.help or "").strip(), ""]
        own = [parameter for parameter in command.params if parameter.opts[0] not in EVERYWHERE]
        rows = [parameter_row(parameter, language) for parameter in own]
        lines += [*rows, ""] if rows else []
    return "\n".join(lines).rstrip() + "\n"


def parameter_row(parameter: Any, language: Any) -> str:
    """One argument or option as a list item: its name, kind, meaning, and what holds if it is not given."""
    from telewave.platform.help_pages import kind_of

    name = parameter.name if parameter.param_type_name == "argument" else parameter.opts[0]
    kind = kind_of(parameter, language)
    shown = f"`{name}{f' <{kind}>' if kind else ''}`"
    colon, needed, otherwise = {
        "en": (": ", " (required)", " (default: {})"),
        "zh": ("：", "(必填)", "(默认：{})"),
    }[language]
    text = " ".join((parameter.help or "").split())
    if parameter.required:
        text += needed
    elif kind and parameter.default not in (None, "", ()):
        text += otherwise.format(parameter.default)
    return f"- {shown}{colon}{text}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
