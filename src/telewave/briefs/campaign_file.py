"""Reading a campaign file: YAML, checked key by key, each mistake named with its line and the remedy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path

import yaml

from telewave.audiences.language import parse_rule
from telewave.briefs.channel_file import (
    ChannelReader,
    both_languages,
)
from telewave.briefs.model import (
    Brief,
    Budget,
    CampaignPhase,
    ChannelUse,
    Choice,
    Holdout,
    Minimum,
    NeverOnSale,
    NoChannelSells,
    TwoCurrencies,
)
from telewave.choice.terms import AMOUNTS, NEW_NUMBER
from telewave.experiments.holdout import ShareOutOfRange
from telewave.kernel import Label, Malformed, Message, Money
from telewave.offers.catalogue_file import REFERENCE, load_catalogue, reference_case
from telewave.offers.economics import DEFAULT_ASSUMPTIONS, Assumptions
from telewave.offers.model import Catalogue, Offer
from telewave.platform.yaml_files import load_yaml
from telewave.scheduling.working_days import (
    CampaignDaysReversed,
    Phase,
    PhaseDaysReversed,
    Timetable,
)
from telewave.targeting.case import Case
from telewave.targeting.case_file import named_case
from telewave.targeting.plan import Group

TOP = (
    "campaign", "title", "currency", "model", "catalogue", "offers", "from", "to", "phases", "channels", "holidays",
    "make_up_days", "contacts_a_subscriber", "contacts_a_household", "spacing_days", "holdout", "budget",
    "device_stock",
    "minimums", "choice", "economics", "funnel", "matrix", "dominated_offers", "case",
)  # fmt: skip
REQUIRED = ("campaign", "model", "offers", "from", "to", "phases", "channels", "choice")
PHASE_KEYS = ("id", "title", "from", "to", "audience", "most_contacts", "goal_a_month")
AUTO = "auto"
WEIGHED = tuple(term.id for term in (*AMOUNTS, NEW_NUMBER))


def load_campaign(path: Path) -> Brief:
    """Read the campaign file `path`; the word `reference` stands for the reference case.
    Raises `YamlUnreadable` or `YamlMistake`.
    """
    if str(path) == REFERENCE:
        return parse_campaign(reference_text(), "reference_case.yaml")
    return load_yaml(path, lambda text, name: parse_campaign(text, name, path.parent))


def reference_text() -> str:
    """The reference case's campaign file, as shipped."""
    return (files("telewave.briefs") / "reference_case.yaml").read_text("utf-8")


def parse_campaign(text: str, name: str = "campaign", folder: Path = Path()) -> Brief:
    """Parse the YAML `text` of a campaign; `name` is what mistakes call the file,
    `folder` where its catalogue's path begins.

    Raises `YamlMistake`, and what `load_catalogue` raises.
    """
    reader = _Reader(name, folder)
    return reader.campaign(reader.root(text))


def catalogue_of(brief: Brief, folder: Path) -> Catalogue:
    """The catalogue that the campaign names; its path begins in `folder`. Raises what `load_catalogue` raises."""
    return _catalogue(brief.catalogue, folder)


def _catalogue(name: str, folder: Path) -> Catalogue:
    return reference_case() if name == REFERENCE else load_catalogue(folder / name)


class _Reader(ChannelReader):
    """What each part of a campaign file means."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        self.folder = folder
        self.known: dict[str, Offer] = {}

    def campaign(self, node: yaml.Node | None) -> Brief:
        keys = self.keys(node, TOP, required=REQUIRED)
        if "currency" in keys:
            self.currency = self.currency_code(keys["currency"])
        self.catalogue(keys)
        days = self.day_list(keys.get("holidays")), self.day_list(keys.get("make_up_days"))
        first, last = self.span(keys, CampaignDaysReversed)
        phases = tuple(self.phase(item, first, last) for item in self.items(keys["phases"], "id: phase-1"))
        ids = [phase.id for phase in phases]
        self.apart(keys["phases"], ids)
        spans = tuple(phase.days for phase in phases)
        self.built(keys["phases"], lambda: Timetable(first, last, spans, ()))
        nodes = self.items(keys["channels"], "id: outbound_call")
        channels = tuple(self.channel(item, ids, days) for item in nodes)
        self.apart(keys["channels"], [channel.id for channel in channels])
        for item, channel in zip(nodes, channels, strict=True):
            self.built(item, lambda one=channel: Timetable(first, last, spans, (one.calendar,)))  # type: ignore[misc]
        whole = {"contacts_a_subscriber": 1, "spacing_days": 7}
        whole |= {k: self.whole(keys[k], least=k == "contacts_a_subscriber") for k in whole if k in keys}
        household = keys.get("contacts_a_household")
        return self.built(
            node,
            lambda: Brief(
                id=self.identifier(keys["campaign"]),
                title=self.label(keys["title"])
                if "title" in keys
                else both_languages(self.text(keys["campaign"])),
                currency=self.currency,
                model=self.text(keys["model"]),
                offers=self.offers(keys["offers"], phases, channels),
                catalogue=self.text(keys["catalogue"]) if "catalogue" in keys else REFERENCE,
                first=first,
                last=last,
                phases=phases,
                channels=channels,
                choice=self.choices(keys["choice"]),
                most_contacts=whole["contacts_a_subscriber"],
                spacing_days=whole["spacing_days"],
                household_contacts=None if household is None else self.whole(household, least=1),
                holdout=self.holdout(keys.get("holdout")),
                budget=self.budget(keys.get("budget"), ids, [channel.id for channel in channels]),
                device_stock=self.whole(keys["device_stock"]) if "device_stock" in keys else None,
                minimums=self.minimums(keys.get("minimums")),
                matrix=self.matrix(keys.get("matrix"), [channel.id for channel in channels]),
                propose_dominated=self.flag(keys.get("dominated_offers"), False),
                case=self.case(keys.get("case")),
                economics=self.economics(keys.get("economics")),
                funnel=self.identifier(keys["funnel"]) if "funnel" in keys else "",
            ),
        )

    def case(self, node: yaml.Node | None) -> Case | None:
        """`reference`, or the path of a case file beside the campaign's."""
        if node is None:
            return None
        return self.built(node, lambda: named_case(self.text(node), self.folder))

    def catalogue(self, keys: Mapping[str, yaml.Node]) -> None:
        """Know the offers of the catalogue; they must be in the campaign's currency."""
        node = keys.get("catalogue", keys["offers"])
        name = self.text(node) if "catalogue" in keys else REFERENCE
        found = self.built(node, lambda: _catalogue(name, self.folder))
        self.known = {str(offer.id): offer for offer in found.offers}
        if found.currency != self.currency:
            problem = TwoCurrencies(one=self.currency, other=found.currency).message
            raise self.fail(keys.get("currency", node), problem)

    def span(
        self, keys: Mapping[str, yaml.Node], reversed_days: type[Malformed], **more: Label
    ) -> tuple[date, date]:
        """`from` and `to`; days in the wrong order are told with the line of `to`."""
        first, last = self.date(keys["from"]), self.date(keys["to"])
        if last < first:
            raise self.fail(keys["to"], reversed_days(first=first, last=last, **more).message)
        return first, last

    def offers(
        self, node: yaml.Node, phases: tuple[CampaignPhase, ...], channels: tuple[ChannelUse, ...]
    ) -> tuple[str, ...]:
        """Ids of the catalogue, each once, on sale on some day, sold by some channel; () for `all`."""
        items = self.nodes(node)
        names = [self.text(item) for item in items]
        if names == ["all"]:
            return ()
        if not names:
            raise self.fail(node, Message("no offer is named. Write `all`, or a list of ids."))
        for item in items:
            if self.text(item) == "all":
                raise self.fail(item, Message("`all` stands for every offer: write it alone."))
            offer = self.known[self.choice(item, self.known)]
            if names.count(self.text(item)) > 1:
                raise self.fail(item, Message("`{key}` is given twice. Keep one.", key=self.text(item)))
            if not any(phase.some_day(offer) for phase in phases):
                raise self.fail(item, NeverOnSale(offer=offer.id).message)
            if not any(channel.may_sell(offer) for channel in channels):
                raise self.fail(item, NoChannelSells(offer=offer.id, sold=", ".join(offer.channels)).message)
        return tuple(names)

    def apart(self, node: yaml.Node, ids: list[str]) -> None:
        for one in ids:
            if ids.count(one) > 1:
                raise self.fail(node, Message("`{key}` is given twice. Keep one.", key=one))

    def day_list(self, node: yaml.Node | None) -> frozenset[date]:
        if node is None:
            return frozenset()
        return frozenset(self.date(item) for item in self.items(node, "2026-10-01"))

    def phase(self, node: yaml.Node, start: date, end: date) -> CampaignPhase:
        keys = self.keys(node, PHASE_KEYS, required=("id", "from", "to"))
        name = self.label(keys["title"]) if "title" in keys else both_languages(self.text(keys["id"]))
        days = Phase(name, *self.span(keys, PhaseDaysReversed, phase=name))
        self.built(node, lambda: Timetable(start, end, (days,), ()))
        return CampaignPhase(
            id=self.identifier(keys["id"]),
            days=days,
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

    def choices(self, node: yaml.Node) -> Choice:
        keys = self.keys(
            node,
            ("price_elasticity", "weights", "learnt", "organic_share", "fatigue", "levers"),
            ("organic_share",),
        )
        elastic = keys.get("price_elasticity")
        levers = self.entries(keys["levers"], "offer-id: 1.2") if "levers" in keys else []
        return self.built(
            node,
            lambda: Choice(
                price_elasticity=None if elastic is None else float(self.number(elastic)),
                weights=self.weights(keys.get("weights")),
                organic_share=self.share(keys["organic_share"]),
                fatigue=self.money(keys["fatigue"]) if "fatigue" in keys else Money(0, self.currency),
                learnt=self.identifier(keys["learnt"]) if "learnt" in keys else "",
                levers={self.choice(key, self.known): float(self.number(value)) for key, value in levers},
            ),
        )

    def weights(self, node: yaml.Node | None) -> dict[str, float] | None:
        """Of the terms, a unit of each."""
        if node is None:
            return None
        told = self.keys(node, WEIGHED)
        return {term: float(self.number(value)) for term, value in told.items()}

    def economics(self, node: yaml.Node | None) -> Assumptions:
        """What margins rest on."""
        if node is None:
            return DEFAULT_ASSUMPTIONS
        keys = self.keys(node, ("device_cost", "cost_to_serve", "retained", "commission"))
        usual = DEFAULT_ASSUMPTIONS

        def share(key: str, otherwise: int) -> int:
            return round(self.share(keys[key]) * 10_000) if key in keys else otherwise

        return Assumptions(
            device_cost=self.money(keys["device_cost"]) if "device_cost" in keys else usual.device_cost,
            cost_to_serve_bp=share("cost_to_serve", usual.cost_to_serve_bp),
            retained_bp=share("retained", usual.retained_bp),
            commission=self.money(keys["commission"]) if "commission" in keys else usual.commission,
        )

    def holdout(self, node: yaml.Node | None) -> Holdout:
        if node is None:
            return Holdout()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if self.text(key) == "universal":
                raise self.fail(
                    key,
                    Message(
                        (
                            "the control group of all campaigns is no campaign's to state: the setting "
                            "{setting} says how large it is. Take the line out."
                        ),
                        setting="TELEWAVE_UNIVERSAL_CONTROL",
                    ),
                )
        keys = self.keys(node, ("campaign", "explored", "respects_others", "by_customer"))
        usual = Holdout()
        share = keys.get("campaign")
        auto = share is not None and self.text(share) == AUTO
        return Holdout(
            campaign=None if auto else usual.campaign if share is None else self.part(share),
            explored=self.part(keys["explored"]) if "explored" in keys else usual.explored,
            respects_others=self.flag(keys.get("respects_others"), usual.respects_others),
            by_household=self.flag(keys.get("by_customer"), usual.by_household),
        )

    def flag(self, node: yaml.Node | None, otherwise: bool) -> bool:
        """`yes` or `no`."""
        return otherwise if node is None else self.choice(node, ("yes", "no")) == "yes"

    def part(self, node: yaml.Node) -> float:
        """A share below the whole."""
        share = self.share(node)
        if share >= 1:
            raise self.fail(node, ShareOutOfRange(share=share).message)
        return share

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
