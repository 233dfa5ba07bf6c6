"""Reading the file of an action plan: YAML, each mistake named with its line and the remedy.

plan: {en: Handset campaign, zh: 终端营销活动}
launch: 2026-07-01                # may also be given on the command line
currency: CNY                     # optional
holidays: [2026-10-01]            # optional; nobody works then
make_up_days: [2026-10-10]        # optional; weekend days that are worked
people:
  marketing: {en: Marketing department, zh: 市场部}
deliverables:
  route:
    name: {en: Route and strategy, zh: 营销路线与策略}
    owner: marketing
    approver: manager             # optional: whoever must approve it
    start: T-5 weeks
    due: T-3 weeks
    after: [survey]               # optional: what it waits for
    state: begun                  # optional: planned, begun, done 2026-06-01, approved 2026-06-05
    filed: MK-2026-017            # optional: number or place of the file
readiness:
  outlets: {name: .., owner: .., bar: 80 %, due: T-2 weeks, ready: 41, of: 51, remedy: ..}
risks:
  stock: {name: .., likelihood: 3, effect: 5, measure: .., owner: ..}
budget:
  total: 100000
  phases: {first: {name: .., limit: 60000}}
  items: {gifts: {name: .., phase: first, planned: 5000, committed: 3000, spent: 0}}
changes:
  - {on: 2026-06-03, by: marketing, what: .., why: ..}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import yaml

from telewave.kernel import Label, Message, Money
from telewave.platform.yaml_files import YamlMistake, YamlReader, load_yaml
from telewave.projects.action_plan import (
    ActionPlan,
    Approved,
    Change,
    CircleOfDeliverables,
    Deliverable,
    Done,
    InWork,
    NotBegun,
    Progress,
    check_days,
    continues,
    find_circle,
)
from telewave.projects.budget import Budget, Item, Phase
from telewave.projects.launch_days import Offset, parse_offset
from telewave.projects.readiness import Criterion
from telewave.projects.risks import HIGHEST, Risk
from telewave.scheduling.working_days import Workdays

PLAN_KEYS = (
    "plan", "launch", "currency", "holidays", "make_up_days", "people", "deliverables", "readiness", "risks",
    "budget", "changes",
)  # fmt: skip
DELIVERABLE_KEYS = ("name", "owner", "approver", "start", "due", "after", "state", "filed")
CRITERION_KEYS = ("name", "owner", "bar", "due", "ready", "of", "remedy")
RISK_KEYS = ("name", "likelihood", "effect", "measure", "owner")
ITEM_KEYS = ("name", "phase", "planned", "committed", "spent")
CHANGE_KEYS = ("on", "by", "what", "why")
ANY_DAY = date(2026, 1, 5)
"""Launch day of files that name none, where nothing hangs on it."""
STATES = "planned, begun, done 2026-06-01, approved 2026-06-01"

Read = TypeVar("Read")


def load_action_plan(path: Path, launch: date | None = None) -> ActionPlan:
    """Read the file `path`; `launch` goes before the file's own. Raises `YamlUnreadable` or `YamlMistake`."""
    return load_yaml(path, lambda text, name: parse_action_plan(text, name, launch))


def parse_action_plan(text: str, name: str = "actions", launch: date | None = None) -> ActionPlan:
    """Parse the YAML `text`; `name` is what mistakes call the file. Raises `YamlMistake`."""
    reader = _Reader(name, launch)
    return reader.plan(reader.root(text))


def template_text() -> str:
    """The reference case's action plan, to begin with."""
    return (files("telewave.projects") / "reference_case_actions.yaml").read_text(encoding="utf-8")


def keeps_changes(before: Iterable[bytes], after: bytes) -> None:
    """Where the new plan is an action plan: it must be without mistake, and keep the change record of the newest
    earlier one.

    `before`: all earlier plans, newest first. Raises `YamlMistake`, `ChangeRecordRewritten`.
    """
    newer = action_plan_of(after, ANY_DAY)
    if newer is None:
        return
    for content in before:
        with suppress(YamlMistake):  # kept by an earlier version of Telewave that took less
            if (older := action_plan_of(content, ANY_DAY)) is not None:
                continues(older.changes, newer.changes)
                return


def action_plan_of(content: bytes, otherwise: date | None = None) -> ActionPlan | None:
    """The action plan that a campaign's plan is, or None if it is another kind of file: without lines
    that begin with `plan:` and `deliverables:`.

    `otherwise`: the launch day of a file that names none; without it such a file is None too. Raises `YamlMistake`.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    begun = set(re.findall(r"^(plan|deliverables|launch)[ \t]*:", text, re.MULTILINE))
    launch = None if "launch" in begun else otherwise
    if not begun >= {"plan", "deliverables"} or ("launch" not in begun and launch is None):
        return None
    return parse_action_plan(text, launch=launch)


class _Reader(YamlReader):
    """What each part of the file means."""

    def __init__(self, name: str, launch: date | None) -> None:
        super().__init__(name)
        self.launch = launch
        self.workdays = Workdays()
        self.people: dict[str, Label] = {}

    def plan(self, node: yaml.Node | None) -> ActionPlan:
        keys = self.keys(node, PLAN_KEYS, required=("plan", "people", "deliverables"))
        if "currency" in keys:
            self.currency = self.currency_code(keys["currency"])
        launch = self.launch_day(node, keys.get("launch"))
        self.workdays = self.calendar(node, keys.get("holidays"), keys.get("make_up_days"))
        self.people = self.named(
            keys["people"], "marketing: {en: Marketing, zh: 市场部}", lambda _, at: self.label(at)
        )
        deliverables = self.deliverables(keys["deliverables"], launch)
        criteria = self.named(keys.get("readiness"), "outlets: {bar: 80 %, ...}", self.criterion)
        risks = self.named(keys.get("risks"), "stock: {likelihood: 3, ...}", self.risk)
        budget = self.budget(keys["budget"]) if "budget" in keys else None
        changes = self.changes(keys.get("changes"))
        label = self.label(keys["plan"])
        return self.built(
            keys.get("changes", node),
            lambda: ActionPlan(
                label=label,
                launch=launch,
                people=self.people,
                deliverables=deliverables,
                criteria=tuple(criteria.values()),
                risks=tuple(risks.values()),
                budget=budget,
                changes=changes,
                workdays=self.workdays,
            ),
        )

    def launch_day(self, root: yaml.Node | None, node: yaml.Node | None) -> date:
        written = None if node is None else self.date(node)
        chosen = self.launch or written
        if chosen is None:
            raise self.fail(
                root, Message("the launch day is missing. Add `launch: 2026-07-01`, or give --launch.")
            )
        return chosen

    def calendar(self, root: yaml.Node | None, off: yaml.Node | None, on: yaml.Node | None) -> Workdays:
        holidays = frozenset(self.date(day) for day in self.listed(off, "2026-10-01"))
        worked = frozenset(self.date(day) for day in self.listed(on, "2026-10-10"))
        return self.built(on or off or root, lambda: Workdays(holidays=holidays, make_up_days=worked))

    def listed(self, node: yaml.Node | None, example: str) -> list[yaml.Node]:
        """The items of a list that may be left out or empty."""
        if node is None or (isinstance(node, yaml.SequenceNode) and not node.value):
            return []
        return self.items(node, example)

    def named(
        self, node: yaml.Node | None, example: str, read: Callable[[str, yaml.Node], Read]
    ) -> dict[str, Read]:
        """The entries of a mapping whose keys the writer chooses, each read by `read`; domain errors get their line."""
        if node is None:
            return {}
        found: dict[str, Read] = {}
        for key, value in self.entries(node, example):
            name = self.text(key)
            found[name] = self.built(value, partial(read, name, value))
        return found

    def person(self, node: yaml.Node) -> str:
        return self.choice(node, self.people)

    def deliverables(self, node: yaml.Node, launch: date) -> tuple[Deliverable, ...]:
        example = "survey: {name: .., owner: .., start: T-9 weeks, due: T-6 weeks}"
        keys = {self.text(key): value for key, value in self.entries(node, example)}
        if not keys:
            raise self.fail(
                node, Message("the plan has no deliverables. Add one: {example}", example=example)
            )
        read = self.named(node, example, lambda name, value: self.deliverable(name, value, list(keys)))
        if circle := find_circle({name: one.after for name, one in read.items()}):
            raise self.fail(keys[circle[0]], CircleOfDeliverables(circle=" → ".join(circle)).message)
        for name, one in read.items():
            waits_for = [read[other] for other in one.after]
            self.built(keys[name], partial(check_days, one, waits_for, launch, self.workdays))
        return tuple(read.values())

    def deliverable(self, name: str, node: yaml.Node, known: list[str]) -> Deliverable:
        keys = self.keys(node, DELIVERABLE_KEYS, required=("name", "owner", "start", "due"))
        approver = self.person(keys["approver"]) if "approver" in keys else None
        after = tuple(self.choice(item, known) for item in self.listed(keys.get("after"), "survey"))
        progress = self.progress(keys.get("state"), keys.get("filed"), approver)
        return Deliverable(
            key=name,
            label=self.label(keys["name"]),
            owner=self.person(keys["owner"]),
            start=self.offset(keys["start"]),
            due=self.offset(keys["due"]),
            after=after,
            approver=approver,
            progress=progress,
        )

    def offset(self, node: yaml.Node) -> Offset:
        return self.built(node, lambda: parse_offset(self.text(node)))

    def progress(self, state: yaml.Node | None, filed: yaml.Node | None, approver: str | None) -> Progress:
        words = "planned" if state is None else " ".join(self.text(state).split())
        kept = "" if filed is None else self.text(filed).strip()
        found = re.fullmatch(r"(planned|begun|done|approved)(?: (\S+))?", words)
        dated = found is not None and found[1] in ("done", "approved")
        if found is None or bool(found[2]) != dated:
            raise self.fail(
                state,
                Message("{state!r} is not a state. Write one of: {states}.", state=words, states=STATES),
            )
        if kept and found[1] != "approved":
            raise self.fail(
                filed,
                Message("only what is approved is filed. Enter it as approved first, or take `filed` out."),
            )
        if not dated:
            return InWork() if found[1] == "begun" else NotBegun()
        day = self.day(state, found[2])
        if found[1] == "done":
            return Done(day)
        if approver is None:
            raise self.fail(
                state, Message("nobody is named to approve this. Add `approver`, or write `done`.")
            )
        return Approved(day, approver, kept)

    def day(self, node: yaml.Node | None, text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError as cause:
            raise self.fail(
                node, Message("{value!r} is not a day. Write it as 2026-07-01.", value=text)
            ) from cause

    def criterion(self, name: str, node: yaml.Node) -> Criterion:
        keys = self.keys(node, CRITERION_KEYS, required=("name", "owner", "bar", "due", "remedy"))
        return Criterion(
            key=name,
            label=self.label(keys["name"]),
            owner=self.person(keys["owner"]),
            bar=self.exact_share(keys["bar"]),
            due=self.offset(keys["due"]),
            remedy=self.label(keys["remedy"]),
            ready=self.whole(keys["ready"]) if "ready" in keys else None,
            of=self.whole(keys["of"]) if "of" in keys else None,
        )

    def exact_share(self, node: yaml.Node) -> Fraction:
        """A share as it is written, without binary rounding."""
        text = self.text(node)
        self.share(node)
        number = text.removesuffix("%").strip()
        return Fraction(Decimal(number)) / (100 if text.endswith("%") else 1)

    def risk(self, name: str, node: yaml.Node) -> Risk:
        keys = self.keys(node, RISK_KEYS, required=RISK_KEYS)
        return Risk(
            key=name,
            label=self.label(keys["name"]),
            likelihood=self.grade(keys["likelihood"]),
            effect=self.grade(keys["effect"]),
            measure=self.label(keys["measure"]),
            owner=self.person(keys["owner"]),
        )

    def grade(self, node: yaml.Node) -> int:
        grade = self.whole(node, least=1)
        if grade > HIGHEST:
            raise self.fail(node, Message("{grade} is not a grade. Write 1 (low) to 5 (high).", grade=grade))
        return grade

    def budget(self, node: yaml.Node) -> Budget:
        keys = self.keys(node, ("total", "phases", "items"), required=("total", "phases", "items"))
        total = self.amount(keys["total"])
        phases = self.named(keys["phases"], "first: {name: .., limit: 60000}", self.phase)
        items = self.named(
            keys["items"],
            "gifts: {name: .., phase: .., planned: 5000}",
            lambda name, at: self.item(name, at, list(phases)),
        )
        return self.built(node, lambda: Budget(total, tuple(phases.values()), tuple(items.values())))

    def phase(self, name: str, node: yaml.Node) -> Phase:
        keys = self.keys(node, ("name", "limit"), required=("name", "limit"))
        return Phase(name, self.label(keys["name"]), self.amount(keys["limit"]))

    def item(self, name: str, node: yaml.Node, phases: list[str]) -> Item:
        keys = self.keys(node, ITEM_KEYS, required=("name", "phase", "planned"))
        zero = Money(0, self.currency)
        return Item(
            key=name,
            label=self.label(keys["name"]),
            phase=self.choice(keys["phase"], phases),
            planned=self.amount(keys["planned"]),
            committed=self.amount(keys["committed"]) if "committed" in keys else zero,
            spent=self.amount(keys["spent"]) if "spent" in keys else zero,
        )

    def amount(self, node: yaml.Node) -> Money:
        """Money, with or without a currency code, which must be the file's."""
        text = self.text(node)
        found = re.fullmatch(r"(.*\S)\s+([A-Z]{3})", text)
        if found is not None and found[2] != self.currency:
            raise self.fail(
                node,
                Message(
                    (
                        "{amount} is in another currency than the file, {currency}. Convert it, or write "
                        "`currency: {other}` for the whole file."
                    ),
                    amount=text,
                    currency=self.currency,
                    other=found[2],
                ),
            )
        number = text if found is None else found[1]
        return self.money(yaml.ScalarNode(node.tag, number, node.start_mark, node.end_mark))

    def changes(self, node: yaml.Node | None) -> tuple[Change, ...]:
        return tuple(self.change(item) for item in self.listed(node, "{on: .., by: .., what: .., why: ..}"))

    def change(self, node: yaml.Node) -> Change:
        keys = self.keys(node, CHANGE_KEYS, required=CHANGE_KEYS)
        what, why = (self.text(keys[name]).strip() for name in ("what", "why"))
        for name, said in (("what", what), ("why", why)):
            if not said:
                raise self.fail(keys[name], Message("`{key}` is empty. Write a sentence.", key=name))
        return Change(self.date(keys["on"]), self.person(keys["by"]), what, why)
