"""Reading a plan file: YAML, checked key by key, each mistake named with its line and the remedy.

margin_per_sale: 1000            # what one sale earns
currency: CNY                    # optional
groups:
  core:
    channels:
      - {en: Outbound call, zh: 外呼}
    cost_per_contact: 3.00
    capacity: 5 %                # of the subscribers scored; or a number of contacts; or unlimited
    response_factor: 1.36        # what the treatment makes of the probability, as a multiple of it
  normal: ...
  basic: ...
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import assert_never

import yaml

from telewave.kernel import Message
from telewave.platform.yaml_files import YamlReader, label_content, load_yaml
from telewave.targeting.plan import (
    HIGHEST_FACTOR,
    Capacity,
    Contacts,
    Group,
    Plan,
    ShareOfBase,
    Treatment,
    Unlimited,
)

PLAN_KEYS = ("margin_per_sale", "currency", "groups")
GROUP_KEYS = ("core", "normal", "basic")
TREATMENT_KEYS = ("channels", "cost_per_contact", "capacity", "response_factor")


def load_plan(path: Path) -> Plan:
    """Read the plan file `path`. Raises `YamlUnreadable` or `YamlMistake`."""
    return load_yaml(path, parse_plan)


def parse_plan(text: str, name: str = "plan") -> Plan:
    """Parse the YAML `text` of a plan; `name` is what mistakes call the file. Raises `YamlMistake`."""
    reader = _Reader(name)
    return reader.plan(reader.root(text))


class _Reader(YamlReader):
    """What each part of a plan file means."""

    def plan(self, node: yaml.Node | None) -> Plan:
        keys = self.keys(node, PLAN_KEYS, required=("margin_per_sale", "groups"))
        if "currency" in keys:
            self.currency = self.currency_code(keys["currency"])
        groups = self.keys(keys["groups"], GROUP_KEYS, required=GROUP_KEYS)
        margin = self.money(keys["margin_per_sale"])
        treatments = [self.treatment(groups[name]) for name in GROUP_KEYS]
        return self.built(node, lambda: Plan(margin, *treatments))

    def treatment(self, node: yaml.Node) -> Treatment:
        keys = self.keys(node, TREATMENT_KEYS, required=TREATMENT_KEYS)
        channels = self.items(keys["channels"], "{en: SMS, zh: 短信}")
        return Treatment(
            tuple(self.label(item) for item in channels),
            self.money(keys["cost_per_contact"]),
            self.capacity(keys["capacity"]),
            self.factor(keys["response_factor"]),
        )

    def factor(self, node: yaml.Node) -> float:
        """From 0 to `HIGHEST_FACTOR`."""
        value = float(self.number(node))
        if not 0 <= value <= HIGHEST_FACTOR:
            raise self.fail(
                node,
                Message(
                    (
                        "{value:g} is not a response factor. It multiplies the probability: write 1.5 for half "
                        "as much again, at most {most:g}."
                    ),
                    value=value,
                    most=HIGHEST_FACTOR,
                ),
            )
        return value

    def capacity(self, node: yaml.Node) -> Capacity:
        text = self.text(node)
        if text == "unlimited":
            return Unlimited()
        if re.fullmatch(r"[\d_]+", text):
            return Contacts(int(text))
        if (found := re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", text)) and float(found[1]) <= 100:
            return ShareOfBase(float(found[1]) / 100)
        raise self.fail(
            node,
            Message(
                "{value!r} is not a capacity. Write a whole number of contacts, a share such as 5 %, or unlimited.",
                value=text,
            ),
        )


def plan_text(plan: Plan) -> str:
    """The plan as the text of a plan file, which `parse_plan` reads back to an equal plan."""
    content = {
        "margin_per_sale": str(plan.margin.major),
        "currency": plan.currency,
        "groups": {group.value: _treatment_content(plan.treatment(group)) for group in Group},
    }
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


def _treatment_content(treatment: Treatment) -> dict[str, object]:
    return {
        "channels": [label_content(channel) for channel in treatment.channels],
        "cost_per_contact": str(treatment.cost.major),
        "capacity": _capacity_text(treatment.capacity),
        "response_factor": str(treatment.response_factor),
    }


def _capacity_text(capacity: Capacity) -> str:
    match capacity:
        case Contacts():
            return str(capacity.count)
        case ShareOfBase():
            return f"{Decimal(str(capacity.share)) * 100:f} %"
        case Unlimited():
            return "unlimited"
    assert_never(capacity)
