"""Reading a channel of a campaign file: its calendar, whom it reaches, what a contact costs and does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time

import yaml

from telewave.audiences.language import parse_rule
from telewave.audiences.rule import Rule
from telewave.briefs.agent_capacity import as_agents_allow
from telewave.briefs.model import (
    BELIEVED,
    ChannelUse,
    ContactEffect,
    Effect,
    OrdersCaused,
)
from telewave.briefs.pilot import Pilot
from telewave.funnel.assumptions import whole_belief
from telewave.funnel.steps import CHANNELS, Family
from telewave.kernel import Label, Message
from telewave.offers.model import Offer
from telewave.platform.yaml_files import YamlReader
from telewave.records.contracts import CONTRACTS
from telewave.scheduling.agent_time import AgentTime
from telewave.scheduling.working_days import (
    ChannelCalendar,
    Hours,
    Workdays,
)
from telewave.targeting.plan import Group

CHANNEL_KEYS = (
    "id", "title", "sells", "cost", "capacity_a_day", "capacity_on", "weekdays", "quiet", "phases", "consent",
    "effect", "records", "agent_time",
)  # fmt: skip
CHANNEL_REQUIRED = ("id", "sells", "cost")
EFFECT_KEYS = ("odds_ratio", "weight", "pilot", "offers")
CAUSED_KEYS = ("orders_caused", "offers")
APPETITES = tuple(group.value for group in Group)
CAUSED_EXAMPLE = "offer-id: {orders_caused: {core: 2 %, normal: 1 %, basic: 0.1 %}}"
AGENT_KEYS = (
    "agents", "agents_on", "hours_a_day", "talk_minutes", "after_call_minutes", "not_reached_minutes"
)  # fmt: skip
PILOT_KEYS = ("contacted", "takers", "held_out", "takers_held_out")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ChannelReader(YamlReader):
    """What each part of a channel means. `known`: the offers of the catalogue."""

    known: Mapping[str, Offer]

    def identifier(self, node: yaml.Node) -> str:
        """An id that can name a table: letters, digits, dashes and underscores."""
        if not re.fullmatch(r"\w[\w-]*", self.text(node)):
            raise self.fail(
                node,
                Message(
                    "{value!r} cannot be an id. Write letters, digits, - and _ without blanks.",
                    value=self.text(node),
                ),
            )
        return self.text(node)

    def rule(self, node: yaml.Node | None) -> Rule | None:
        """An audience rule as in `telewave audience define`."""
        if node is None:
            return None
        return self.built(node, lambda: parse_rule(self.text(node)))

    def channel(
        self, node: yaml.Node, phases: list[str], days: tuple[frozenset[date], frozenset[date]]
    ) -> ChannelUse:
        """One channel: calendar, offers, cost, effect, whom it may reach."""
        keys = self.keys(node, CHANNEL_KEYS, required=CHANNEL_REQUIRED)
        name = self.label(keys["title"]) if "title" in keys else both_languages(self.text(keys["id"]))
        working = self.built(
            node, lambda: Workdays(self.weekdays(keys.get("weekdays")), *self.on_days(keys, days))
        )
        records = self.recorded(keys.get("records"))
        use = ChannelUse(
            id=self.identifier(keys["id"]),
            calendar=self.built(node, lambda: self.calendar(keys, name, working, phases)),
            sells=self.words(keys["sells"]),
            cost=self.money(keys["cost"]),
            effect=self.effect(keys["effect"]) if "effect" in keys else self.believed(node, keys),
            records=records,
            consent=self.rule(keys.get("consent")),
            agents=self.agents(keys, records),
        )
        return self.built(node, lambda: as_agents_allow(use))

    def agents(self, keys: Mapping[str, yaml.Node], records: str | None) -> AgentTime | None:
        """What attempts take of agents' time: of calls as stated or usual, of other channels nothing."""
        if "agent_time" not in keys:
            return AgentTime() if records and CHANNELS[records] is Family.CALL else None
        node = keys["agent_time"]
        if records is None or CHANNELS[records] is not Family.CALL:
            raise self.fail(
                node,
                Message(
                    "`agent_time` is of calls: write `records: outbound_call` beside it, or take it out."
                ),
            )
        told = self.keys(node, AGENT_KEYS)
        twice = next(
            (name for name in ("capacity_a_day", "capacity_on") if "agents" in told and name in keys), None
        )
        if twice:
            raise self.fail(
                keys[twice],
                Message(
                    "what the channel can do is said by `agents` already. Keep `agents` or `{key}`.",
                    key=twice,
                ),
            )
        if "agents_on" in told and "agents" not in told:
            raise self.fail(
                told["agents_on"],
                Message("`agents_on` needs `agents`, how many work on other days. Write both."),
            )
        return self.built(node, lambda: self.agent_time(told))

    def agent_time(self, told: Mapping[str, yaml.Node]) -> AgentTime:
        """As `AgentTime` has it, with its usual minutes where none are told."""
        minutes = {
            name: float(self.number(told[key]))
            for name, key in (
                ("hours_a_day", "hours_a_day"),
                ("talk", "talk_minutes"),
                ("after_call", "after_call_minutes"),
                ("not_reached", "not_reached_minutes"),
                ("agents", "agents"),
            )
            if key in told
        }
        days = self.entries(told["agents_on"], "2026-08-03: 50") if "agents_on" in told else []
        exceptions = {self.date(key): float(self.number(value)) for key, value in days}
        return AgentTime(**minutes, agents_on=exceptions)

    def on_days(
        self, keys: Mapping[str, yaml.Node], days: tuple[frozenset[date], frozenset[date]]
    ) -> tuple[frozenset[date], frozenset[date]]:
        """Holidays and make-up days matter to channels that do not work every day."""
        every_day = len(self.weekdays(keys.get("weekdays"))) == len(WEEKDAYS)
        return (frozenset(), frozenset()) if every_day else days

    def calendar(
        self, keys: Mapping[str, yaml.Node], name: Label, working: Workdays, phases: list[str]
    ) -> ChannelCalendar:
        """The days and hours on which the channel works, and how much it can do."""
        own = [phases.index(self.choice(item, phases)) for item in self.nodes(keys.get("phases"))]
        exceptions = self.entries(keys["capacity_on"], "2026-08-03: 500") if "capacity_on" in keys else []
        spans = self.nodes(keys.get("quiet"))
        return ChannelCalendar(
            name=name,
            workdays=working,
            daily_capacity=self.whole(keys["capacity_a_day"]) if "capacity_a_day" in keys else None,
            capacity_on={self.date(key): self.whole(value) for key, value in exceptions},
            quiet=tuple(self.hours(item) for item in spans) if spans else (Hours(time(21), time(9)),),
            phases=frozenset(own) if own else None,
        )

    def nodes(self, node: yaml.Node | None) -> list[yaml.Node]:
        """One value, or a list of them."""
        if node is None:
            return []
        return list(node.value) if isinstance(node, yaml.SequenceNode) else [node]

    def weekdays(self, node: yaml.Node | None) -> frozenset[int]:
        """Weekdays from Monday, 1, on; none named: working days."""
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
        """The code of the channel in the contacts on record."""
        codes = CONTRACTS["contacts"].column("channel").codes
        return None if node is None else self.choice(node, codes)

    def effect(self, node: yaml.Node) -> ContactEffect:
        """What a contact does: orders that it causes, or a belief on the odds and what a pilot counted."""
        named = {self.text(key) for key, _ in node.value} if isinstance(node, yaml.MappingNode) else set()
        return self.orders_caused(node) if "orders_caused" in named else self.odds(node)

    def believed(self, node: yaml.Node, keys: Mapping[str, yaml.Node]) -> OrdersCaused:
        """What is believed of the channel as contacts are recorded in it, until records say."""
        code = self.recorded(keys.get("records"))
        if code is None:
            raise self.fail(
                node,
                Message(
                    "neither `effect` nor `records` is given. State the effect, or name the channel as contacts are "
                    "recorded in it, so that it can be learnt or assumed."
                ),
            )
        core, normal, basic = (whole_belief(code, group).chance for group in APPETITES)
        return OrdersCaused(core=core, normal=normal, basic=basic, rests_on=BELIEVED)

    def orders_caused(self, node: yaml.Node) -> OrdersCaused:
        """Chances by appetite, and of single offers."""
        keys = self.keys(node, CAUSED_KEYS, required=("orders_caused",))
        told = self.keys(keys["orders_caused"], APPETITES, required=APPETITES)
        core, normal, basic = (self.share(told[name]) for name in APPETITES)
        single = self.entries(keys["offers"], CAUSED_EXAMPLE) if "offers" in keys else []
        offers = {self.choice(key, self.known): self.orders_caused(value) for key, value in single}
        return self.built(
            keys["orders_caused"], lambda: OrdersCaused(core=core, normal=normal, basic=basic, offers=offers)
        )

    def odds(self, node: yaml.Node) -> Effect:
        """A belief on the odds, and what a pilot counted."""
        keys = self.keys(node, EFFECT_KEYS, required=("odds_ratio",))
        ratio = float(self.number(keys["odds_ratio"]))
        if not 0.1 <= ratio <= 20:
            raise self.fail(
                keys["odds_ratio"],
                Message("an odds ratio lies between 0.1 and 20; 1 means no effect at all."),
            )
        weight = float(self.number(keys["weight"])) if "weight" in keys else 1_000.0
        single = self.entries(keys["offers"], "offer-id: {odds_ratio: 1.5}") if "offers" in keys else []
        offers = {self.choice(key, self.known): self.odds(value) for key, value in single}
        return Effect(ratio, weight, self.pilot(keys["pilot"]) if "pilot" in keys else None, offers)

    def pilot(self, node: yaml.Node) -> Pilot:
        """What a pilot counted."""
        keys = self.keys(node, PILOT_KEYS, required=PILOT_KEYS)
        return self.built(node, lambda: Pilot(*(self.whole(keys[key]) for key in PILOT_KEYS)))


def both_languages(word: str) -> Label:
    """A name that no language translates."""
    return Label(word, word)
