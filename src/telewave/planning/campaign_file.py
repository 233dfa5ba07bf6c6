"""Reading a campaign file: YAML, checked key by key, each mistake named with its line and the remedy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from importlib.resources import files
from pathlib import Path

import yaml

from telewave.audiences.language import parse_rule
from telewave.audiences.rule import Rule
from telewave.kernel import Label, Message, Money
from telewave.planning.campaign import (
    Budget,
    Campaign,
    CampaignPhase,
    ChannelUse,
    Choice,
    Effect,
    Holdout,
    Minimum,
    Pilot,
)
from telewave.planning.working_days import ChannelCalendar, Hours, Phase, Workdays
from telewave.platform.yaml_files import YamlReader, load_yaml
from telewave.records.contracts import CONTRACTS
from telewave.targeting.plan import Group

REFERENCE = "reference"
TOP = (
    "campaign", "title", "currency", "model", "catalogue", "offers", "from", "to", "phases", "channels", "holidays",
    "make_up_days", "contacts_a_subscriber", "spacing_days", "holdout", "budget", "device_stock", "minimums", "choice", "matrix",
)  # fmt: skip
REQUIRED = ("campaign", "model", "offers", "from", "to", "phases", "channels", "choice")
PHASE_KEYS = ("id", "title", "from", "to", "audience", "most_contacts", "goal_a_month")
CHANNEL_KEYS = (
    "id", "title", "sells", "cost", "capacity_a_day", "capacity_on", "weekdays", "quiet", "phases", "consent", "effect", "records",
)  # fmt: skip
CHANNEL_REQUIRED = ("id", "sells", "cost", "effect")
PILOT_KEYS = ("contacted", "takers", "held_out", "takers_held_out")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def load_campaign(path: Path) -> Campaign:
    """Read the campaign file `path`; the word `reference` stands for the reference case. Raises `YamlUnreadable` or `YamlMistake`."""
    if str(path) == REFERENCE:
        return parse_campaign(reference_text(), "reference_case.yaml")
    return load_yaml(path, parse_campaign)


def reference_text() -> str:
    """The reference case's campaign file, as shipped."""
    return (files("telewave.planning") / "reference_case.yaml").read_text("utf-8")


def parse_campaign(text: str, name: str = "campaign") -> Campaign:
    """Parse the YAML `text` of a campaign; `name` is what mistakes call the file. Raises `YamlMistake`."""
    reader = _Reader(name)
    return reader.campaign(reader.root(text))


class _Reader(YamlReader):
    """What each part of a campaign file means."""

    def campaign(self, node: yaml.Node | None) -> Campaign:
        keys = self.keys(node, TOP, required=REQUIRED)
        if "currency" in keys:
            self.currency = self.currency_code(keys["currency"])
        days = self.day_list(keys.get("holidays")), self.day_list(keys.get("make_up_days"))
        phases = tuple(self.phase(item) for item in self.items(keys["phases"], "id: phase-1"))
        ids = [phase.id for phase in phases]
        self.apart(keys["phases"], ids)
        channels = tuple(
            self.channel(item, ids, days) for item in self.items(keys["channels"], "id: outbound_call")
        )
        self.apart(keys["channels"], [channel.id for channel in channels])
        offers = self.words(keys["offers"])
        whole = {"contacts_a_subscriber": 1, "spacing_days": 7}
        whole |= {k: self.whole(keys[k], least=k == "contacts_a_subscriber") for k in whole if k in keys}
        return self.built(
            node,
            lambda: Campaign(
                id=self.text(keys["campaign"]),
                title=self.label(keys["title"]) if "title" in keys else _both(self.text(keys["campaign"])),
                currency=self.currency,
                model=self.text(keys["model"]),
                offers=() if offers == ("all",) else offers,
                catalogue=self.text(keys["catalogue"]) if "catalogue" in keys else REFERENCE,
                first=self.date(keys["from"]),
                last=self.date(keys["to"]),
                phases=phases,
                channels=channels,
                choice=self.choices(keys["choice"]),
                most_contacts=whole["contacts_a_subscriber"],
                spacing_days=whole["spacing_days"],
                holdout=self.holdout(keys.get("holdout")),
                budget=self.budget(keys.get("budget"), ids, [channel.id for channel in channels]),
                device_stock=self.whole(keys["device_stock"]) if "device_stock" in keys else None,
                minimums=self.minimums(keys.get("minimums")),
                matrix=self.matrix(keys.get("matrix"), [channel.id for channel in channels]),
            ),
        )

    def apart(self, node: yaml.Node, ids: list[str]) -> None:
        for one in ids:
            if ids.count(one) > 1:
                raise self.fail(node, Message("`{key}` is given twice. Keep one.", key=one))

    def day_list(self, node: yaml.Node | None) -> frozenset[date]:
        if node is None:
            return frozenset()
        return frozenset(self.date(item) for item in self.items(node, "2026-10-01"))

    def phase(self, node: yaml.Node) -> CampaignPhase:
        keys = self.keys(node, PHASE_KEYS, required=("id", "from", "to"))
        name = self.label(keys["title"]) if "title" in keys else _both(self.text(keys["id"]))
        return CampaignPhase(
            id=self.text(keys["id"]),
            days=self.built(node, lambda: Phase(name, self.date(keys["from"]), self.date(keys["to"]))),
            audience=self.rule(keys.get("audience")),
            most_contacts=self.whole(keys["most_contacts"]) if "most_contacts" in keys else None,
            goal=self.goal(keys.get("goal_a_month")),
        )

    def goal(self, node: yaml.Node | None) -> tuple[int, int] | None:
        """One number, or a list of the least and the most."""
        if node is None:
            return None
        nodes = self.items(node, "6000") if isinstance(node, yaml.SequenceNode) else [node]
        values = [self.whole(item) for item in nodes]
        if len(values) > 2 or values[0] > values[-1]:
            raise self.fail(node, Message("a goal is one number, or the least and the most as [6000, 8000]."))
        return values[0], values[-1]

    def rule(self, node: yaml.Node | None) -> Rule | None:
        """An audience rule as in `telewave audience define`."""
        if node is None:
            return None
        return self.built(node, lambda: parse_rule(self.text(node)))

    def channel(
        self, node: yaml.Node, phases: list[str], days: tuple[frozenset[date], frozenset[date]]
    ) -> ChannelUse:
        keys = self.keys(node, CHANNEL_KEYS, required=CHANNEL_REQUIRED)
        name = self.label(keys["title"]) if "title" in keys else _both(self.text(keys["id"]))
        working = self.built(
            node, lambda: Workdays(self.weekdays(keys.get("weekdays")), *self.on_days(keys, days))
        )
        return ChannelUse(
            id=self.text(keys["id"]),
            calendar=self.built(node, lambda: self.calendar(keys, name, working, phases)),
            sells=self.words(keys["sells"]),
            cost=self.money(keys["cost"]),
            effect=self.effect(keys["effect"]),
            records=self.recorded(keys.get("records")),
            consent=self.rule(keys.get("consent")),
        )

    def on_days(
        self, keys: Mapping[str, yaml.Node], days: tuple[frozenset[date], frozenset[date]]
    ) -> tuple[frozenset[date], frozenset[date]]:
        """Holidays and make-up days matter to channels that do not work every day."""
        every_day = len(self.weekdays(keys.get("weekdays"))) == len(WEEKDAYS)
        return (frozenset(), frozenset()) if every_day else days

    def calendar(
        self, keys: Mapping[str, yaml.Node], name: Label, working: Workdays, phases: list[str]
    ) -> ChannelCalendar:
        own = [phases.index(self.choice(item, phases)) for item in self.nodes(keys.get("phases"))]
        exceptions = self.entries(keys["capacity_on"], "2026-08-03: 500") if "capacity_on" in keys else []
        spans = self.nodes(keys.get("quiet"))
        return ChannelCalendar(
            name,
            working,
            daily_capacity=self.whole(keys["capacity_a_day"]) if "capacity_a_day" in keys else None,
            capacity_on={self.date(key): self.whole(value) for key, value in exceptions},
            quiet=tuple(self.hours(item) for item in spans) if spans else (Hours(time(21), time(9)),),
            phases=frozenset(own) if own else None,
        )

    def nodes(self, node: yaml.Node | None) -> list[yaml.Node]:
        if node is None:
            return []
        return list(node.value) if isinstance(node, yaml.SequenceNode) else [node]

    def weekdays(self, node: yaml.Node | None) -> frozenset[int]:
        if node is None:
            return frozenset(range(1, 6))
        return frozenset(WEEKDAYS.index(self.choice(item, WEEKDAYS)) + 1 for item in self.nodes(node))

    def hours(self, node: yaml.Node) -> Hours:
        """A span such as 21:00-09:00."""
        start, _, end = self.text(node).partition("-")
        try:
            return Hours(time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))
        except ValueError as cause:
            raise self.fail(
                node,
                Message("{value!r} is not a span of hours. Write it as 21:00-09:00.", value=self.text(node)),
            ) from cause

    def recorded(self, node: yaml.Node | None) -> str | None:
        codes = CONTRACTS["contacts"].column("channel").codes
        return None if node is None else self.choice(node, codes)

    def effect(self, node: yaml.Node) -> Effect:
        keys = self.keys(node, ("odds_ratio", "weight", "pilot"), required=("odds_ratio",))
        ratio = float(self.number(keys["odds_ratio"]))
        if not 0.1 <= ratio <= 20:
            raise self.fail(
                keys["odds_ratio"],
                Message("an odds ratio lies between 0.1 and 20; 1 means no effect at all."),
            )
        weight = float(self.number(keys["weight"])) if "weight" in keys else 1_000.0
        return Effect(ratio, weight, self.pilot(keys["pilot"]) if "pilot" in keys else None)

    def pilot(self, node: yaml.Node) -> Pilot:
        keys = self.keys(node, PILOT_KEYS, required=PILOT_KEYS)
        return self.built(node, lambda: Pilot(*(self.whole(keys[key]) for key in PILOT_KEYS)))

    def choices(self, node: yaml.Node) -> Choice:
        keys = self.keys(
            node,
            ("price_elasticity", "organic_share", "fatigue", "levers"),
            ("price_elasticity", "organic_share"),
        )
        levers = self.entries(keys["levers"], "offer-id: 1.2") if "levers" in keys else []
        return self.built(
            node,
            lambda: Choice(
                float(self.number(keys["price_elasticity"])),
                self.share(keys["organic_share"]),
                self.money(keys["fatigue"]) if "fatigue" in keys else Money(0, self.currency),
                {self.text(key): float(self.number(value)) for key, value in levers},
            ),
        )

    def holdout(self, node: yaml.Node | None) -> Holdout:
        if node is None:
            return Holdout()
        keys = self.keys(node, ("universal", "campaign", "explored"))
        return Holdout(**{name: self.share(value) for name, value in keys.items()})

    def budget(self, node: yaml.Node | None, phases: list[str], channels: list[str]) -> Budget:
        if node is None:
            return Budget()
        keys = self.keys(node, ("total", "phases", "channels"))

        def parts(key: str, known: list[str]) -> dict[str, Money]:
            entries = self.entries(keys[key], f"{known[0]}: 10000") if key in keys else []
            return {self.choice(name, known): self.money(value) for name, value in entries}

        total = self.money(keys["total"]) if "total" in keys else None
        return Budget(total, parts("phases", phases), parts("channels", channels))

    def matrix(self, node: yaml.Node | None, channels: list[str]) -> dict[Group, tuple[str, ...]]:
        """Channels by target group."""
        if node is None:
            return {}
        keys = self.keys(node, [group.value for group in Group])
        return {
            Group(name): tuple(self.choice(item, channels) for item in self.nodes(value))
            for name, value in keys.items()
        }

    def minimums(self, node: yaml.Node | None) -> tuple[Minimum, ...]:
        if node is None:
            return ()
        found = []
        for item in self.items(node, "title: ..."):
            keys = self.keys(item, ("title", "audience", "contacts"), ("title", "audience", "contacts"))
            rule = self.built(keys["audience"], lambda node=keys["audience"]: parse_rule(self.text(node)))  # type: ignore[misc]
            found.append(Minimum(self.label(keys["title"]), rule, self.whole(keys["contacts"], least=1)))
        return tuple(found)


def _both(word: str) -> Label:
    return Label(word, word)
