"""Who is willing, in sentences and cells: whether persons are told apart, how well that foretold, and by what. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp

import numpy as np

from telewave.funnel.persons import Trait, Weights
from telewave.funnel.willing import Willing
from telewave.funnel.wording import figure, percent
from telewave.kernel import Label, Message
from telewave.platform.answer import TableCell, Text

TRAIT_LABELS: Mapping[str, Label] = {
    "score": Label("Chance by the model", "模型概率"),
    "tired": Label("Touches before", "此前接触"),
    "age": Label("Age", "年龄"),
    "tenure_months": Label("Tenure in months", "在网月数"),
    "arpu": Label("Monthly fee", "月均消费"),
    "calls_3m": Label("Calls in three months", "近三月通话次数"),
    "called_home_min_3m": Label("Called minutes in three months", "近三月被叫分钟"),
    "data_mb_3m": Label("Mobile data in three months", "近三月移动流量"),
    "has_mobile": Label("Holds mobile", "有移动业务"),
    "has_broadband": Label("Holds broadband", "有宽带业务"),
    "prepaid": Label("Prepaid", "预付费"),
    "enterprise": Label("Enterprise", "政企客户"),
}


def verdict_words(willing: Willing) -> Message:
    """Whether plans tell people apart by it, and what that rests on."""
    judged, gain = willing.foretold, willing.foretold.gain
    told = {
        "willing": sum(one.willing for one in willing.channels),
        "heard": sum(one.records for one in willing.channels),
        "gain": percent(gain.value / judged.loss),
        "low": percent(gain.low / judged.loss),
        "high": percent(gain.high / judged.loss),
        "households": judged.households,
    }
    if willing.used:
        return Message(
            "Plans tell people apart within their groups: learnt from {willing:,} willing of {heard:,} who heard of an "
            "offer. Contacts after the first third of the days were foretold better so than by groups: log loss "
            "{gain} less (95 %: {low} – {high}; {households:,} households).",
            **told,
        )
    return Message(
        "Plans go by groups: contacts after the first third of the days were not surely foretold better person by "
        "person (log loss {gain} less; 95 %: {low} – {high}; {households:,} households; {willing:,} willing of "
        "{heard:,} who heard). More records may tell.",
        **told,
    )


TENTH_COLUMNS: tuple[Text, ...] = (
    Message("Tenth of the later contacts"),
    Message("Foretold to be willing"),
    Message("Were willing (95 %)"),
    Message("Contacts"),
)


def tenth_rows(willing: Willing) -> list[list[TableCell]]:
    """What was foretold of later contacts, and what was seen; the lowest tenth first."""
    return [
        [str(number), percent(one.foretold), figure(one.seen), one.seen.n]
        for number, one in enumerate(willing.foretold.tenths, 1)
    ]


TRAIT_COLUMNS: tuple[Text, ...] = (
    Message("What is on record"),
    Message("Low"),
    Message("High"),
    Message("Odds of being willing, high beside low"),
)


def trait_rows(willing: Willing) -> list[list[TableCell]]:
    """The odds between the lower and the upper fifth of each trait, or of having it; the strongest first."""
    weights = willing.weights
    found = [(abs(log), name, ends, log) for name, ends, log in _between(weights)]
    return [
        [TRAIT_LABELS.get(name, Label(name, name)), ends[0], ends[1], f"x {exp(log):.2f}"]
        for _, name, ends, log in sorted(found, key=lambda one: -one[0])
    ]


def _between(weights: Weights) -> list[tuple[str, tuple[str, str], float]]:
    values = np.array(weights.values[weights.channels :])
    found = [("score", ("", ""), float(values[0])), ("tired", ("0", "1"), -float(values[-1]))]
    place = 1
    for trait in weights.traits:
        mine = values[place : place + len(trait.centre)]
        place += len(trait.centre)
        low, high = _ends(trait)
        added = trait.columns(np.array([low, high])) @ mine
        found.append((trait.name, (f"{low:,.0f}", f"{high:,.0f}"), float(added[1] - added[0])))
    return found


def _ends(trait: Trait) -> tuple[float, float]:
    """The lower and the upper fifth in the trait's own unit; of one that is had or not, 0 and 1."""
    if not trait.bends:
        return 0.0, 1.0
    low, high = trait.bends[0], trait.bends[-1]
    return (float(np.expm1(low)), float(np.expm1(high))) if trait.logged else (low, high)
