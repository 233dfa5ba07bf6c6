"""Reading a case file: YAML, checked key by key, each mistake named with its line and the remedy.

docs/reference/report.md describes every key; `reference_case.yaml` beside this module is a whole example.
"""

from __future__ import annotations

import difflib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml

from telewave.features.catalogue import VARIABLES
from telewave.features.model import VariableKind
from telewave.kernel import Label, Message
from telewave.platform.yaml_files import YamlReader, label_content, load_yaml
from telewave.targeting.case import Ages, Case, CaseContribution, CaseGroup, Level, Statement, measure
from telewave.targeting.plan import Group

REFERENCE = "reference"
REFERENCE_FILE = "reference_case.yaml"
CASE_KEYS = ("name", "about", "contributions", "groups")
CONTRIBUTION_KEYS = ("measure", "title", "share", "response")
GROUP_KEYS = ("words", "ages", "statements")
AGES_KEYS = ("of", "words")
STATEMENT_KEYS = ("variable", "is", "words")
NOT_STATED = Label("not stated", "未说明")
MEASURES = tuple(dict.fromkeys(measure(variable.name) for variable in VARIABLES))
NUMBERS = tuple(variable.name for variable in VARIABLES if variable.kind is VariableKind.NUMBER)
MOST_AGES = 5
"""Ages at which groups begin or end: one more band than these can be told apart by colour."""
OLDEST = 120


def named_case(name: str, folder: Path = Path()) -> Case:
    """The case that is called `name`: `reference`, or the path of a case file, which begins in `folder`.

    Raises `YamlUnreadable` or `YamlMistake`.
    """
    return reference_case() if name == REFERENCE else load_yaml(folder / Path(name).expanduser(), parse_case)


@cache
def reference_case() -> Case:
    """The reference case, as shipped."""
    return parse_case((files("telewave.targeting") / REFERENCE_FILE).read_text("utf-8"), REFERENCE_FILE)


def parse_case(text: str, name: str = "case") -> Case:
    """Parse the YAML `text` of a case; `name` is what mistakes call the file. Raises `YamlMistake`."""
    reader = _Reader(name)
    return reader.case(reader.root(text))


class _Reader(YamlReader):
    """What each part of a case file means."""

    def case(self, node: yaml.Node | None) -> Case:
        keys = self.keys(node, CASE_KEYS, required=("name",))
        if not keys.keys() & {"contributions", "groups"}:
            raise self.fail(node, Message("a case says something. Give `contributions`, `groups` or both."))
        found = Case(
            name=self.label(keys["name"]),
            about=self.label(keys["about"]) if "about" in keys else None,
            contributions=self.contributions(keys["contributions"]) if "contributions" in keys else (),
            groups=self.groups(keys["groups"]) if "groups" in keys else {},
        )
        if len(found.age_starts) > MOST_AGES:
            raise self.fail(
                keys["groups"],
                Message(
                    "groups begin and end at {n} ages ({ages}), and a picture can show {most}. Let groups share them.",
                    n=len(found.age_starts),
                    ages=", ".join(str(age) for age in found.age_starts),
                    most=MOST_AGES,
                ),
            )
        return found

    def contributions(self, node: yaml.Node) -> tuple[CaseContribution, ...]:
        """Each measure once, their shares together at most the whole."""
        found: list[CaseContribution] = []
        for item in self.items(node, "measure: calls"):
            line = self.contribution(item)
            if line.measure in {other.measure for other in found}:
                raise self.fail(item, Message("`{key}` is given twice. Keep one.", key=line.measure))
            found.append(line)
        total = sum(line.share for line in found)
        if total > 1 + 1e-9:
            raise self.fail(
                node,
                Message("the shares add up to {total:.3f}. Together they are at most 1.", total=total),
            )
        return tuple(found)

    def contribution(self, node: yaml.Node) -> CaseContribution:
        keys = self.keys(node, CONTRIBUTION_KEYS, required=("measure", "title", "share"))
        return CaseContribution(
            self.known(keys["measure"], MEASURES),
            self.label(keys["title"]),
            self.share(keys["share"]),
            self.label(keys["response"]) if "response" in keys else NOT_STATED,
        )

    def known(self, node: yaml.Node, names: tuple[str, ...]) -> str:
        """A name of the catalogue of variables. There are a hundred, so the catalogue
        is pointed to instead of listing them.
        """
        word = self.text(node)
        if word in names or difflib.get_close_matches(word, names, n=1, cutoff=0.5):
            return self.choice(node, names)
        raise self.fail(
            node, Message("`{word}` is no variable. `telewave features list` shows them all.", word=word)
        )

    def groups(self, node: yaml.Node) -> dict[Group, CaseGroup]:
        keys = self.keys(node, [group.value for group in Group])
        return {Group(name): self.group(Group(name), value) for name, value in keys.items()}

    def group(self, group: Group, node: yaml.Node) -> CaseGroup:
        keys = self.keys(node, GROUP_KEYS, required=("words",))
        items = self.items(keys["statements"], "variable: calls_3m") if "statements" in keys else []
        return CaseGroup(
            self.label(keys["words"]),
            self.ages(keys["ages"]) if "ages" in keys else None,
            tuple(self.statement(group, item) for item in items),
        )

    def ages(self, node: yaml.Node) -> Ages:
        keys = self.keys(node, AGES_KEYS, required=AGES_KEYS)
        return Ages(
            tuple(self.stretch(item) for item in self.items(keys["of"], "24-36")), self.label(keys["words"])
        )

    def stretch(self, node: yaml.Node) -> tuple[int, int | None]:
        """24-36 (both within), 46+ or 30."""
        found = re.fullmatch(r"(\d{1,3})(?:\s*-\s*(\d{1,3})|(\+))?", self.text(node))
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if not found or last < first or last > OLDEST:
            raise self.fail(
                node,
                Message("{value!r} is not a stretch of ages. Write 24-36 or 46+.", value=self.text(node)),
            )
        return first, None if found[3] else last + 1

    def statement(self, group: Group, node: yaml.Node) -> Statement:
        keys = self.keys(node, STATEMENT_KEYS, required=STATEMENT_KEYS)
        level = Level(self.choice(keys["is"], [level.value for level in Level]))
        if (level is Level.BETWEEN and group is not Group.NORMAL) or (
            level is Level.BELOW_CORE and group is Group.CORE
        ):
            raise self.fail(
                keys["is"],
                Message("`{level}` cannot be said of the group {group}. Write high or low.",
                    level=level.value, group=group.label),
            )  # fmt: skip
        return Statement(self.known(keys["variable"], NUMBERS), level, self.label(keys["words"]))


def case_text(case: Case) -> str:
    """The case as the text of a case file, which `parse_case` reads back to an equal case."""
    content: dict[str, object] = {"name": label_content(case.name)}
    if case.about:
        content["about"] = label_content(case.about)
    if case.contributions:
        content["contributions"] = [_contribution_content(line) for line in case.contributions]
    if case.groups:
        content["groups"] = {group.value: _group_content(said) for group, said in case.groups.items()}
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


def _contribution_content(line: CaseContribution) -> dict[str, object]:
    return {
        "measure": line.measure,
        "title": label_content(line.label),
        "share": repr(line.share),
        "response": label_content(line.shape),
    }


def _group_content(said: CaseGroup) -> dict[str, object]:
    content: dict[str, object] = {"words": label_content(said.words)}
    if said.ages:
        stretches = [f"{low}+" if high is None else f"{low}-{high - 1}" for low, high in said.ages.stretches]
        content["ages"] = {"of": stretches, "words": label_content(said.ages.words)}
    if said.statements:
        content["statements"] = [
            {"variable": one.variable, "is": one.level.value, "words": label_content(one.words)}
            for one in said.statements
        ]
    return content
