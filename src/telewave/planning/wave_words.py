"""The expected funnel of waves, in words and in the plan's document. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from telewave.kernel import Message
from telewave.planning.wave_funnel import ACTIVATED, RECALLED, Expected, Wave
from telewave.targeting.sentences import percent

STEPS = ("reached", "willing", "recalled", "ordered", "activated")
SMALL = 10


def expected_words(expected: Expected) -> str:
    """A number of people with its interval, decimals where there are few.

    >>> expected_words(Expected(4.25, 1.0, 1.0)), expected_words(Expected(1250.0, 10.0, 10.0))
    ('4.2 (3.2–5.2)', '1,250 (1,240–1,260)')
    """
    form = ",.1f" if expected.high < SMALL else ",.0f"
    ends = (expected.value, expected.low, expected.high)
    value, low, high = (format(end, form) for end in ends)
    return f"{value} ({low}–{high})"


def wave_sources(waves: Sequence[Wave]) -> list[Message]:
    """What the steps of each channel rest on, each channel once, and how the columns hang together."""
    found: dict[str, Message] = {}
    for one in waves:
        if one.channel is not None and one.steps is not None and one.ids[1] not in found:
            found[one.ids[1]] = _source(one)
    if not found:
        return []
    return [
        *found.values(),
        Message(
            "Orders because of the contact are those that the plan counts everywhere; the other orders through "
            "contacts would have come anyway. Assumed: of those willing on the phone {recalled} are sent to a hall, of "
            "the orders {activated} become active.",
            recalled=_range(RECALLED),
            activated=_range(ACTIVATED),
        ),
    ]


def _source(wave: Wave) -> Message:
    steps = wave.steps
    if steps is None or steps.funnel is None:
        return Message("{channel}: steps from the table of assumptions.", channel=wave.channel)
    name, version = steps.funnel
    return Message(
        "{channel}: steps from funnel {name}, version {version}: reached from {reached:,} contacts on record, orders "
        "of the willing from {willing:,}; 0 is assumed.",
        channel=wave.channel, name=name, version=version,
        reached=steps.reached.contacts, willing=steps.carried.contacts,
    )  # fmt: skip


def _range(share: tuple[float, float, float]) -> Message:
    value, low, high = (percent(one) for one in share)
    return Message("{value} ({low} to {high})", value=value, low=low, high=high)


def waves_written(waves: Sequence[Wave]) -> list[dict[str, Any]]:
    """The waves for the plan's document: people with their intervals, and what the steps rest on."""
    return [_written(one) for one in waves]


def _written(wave: Wave) -> dict[str, Any]:
    funnel = wave.steps.funnel if wave.steps else None
    return {
        "phase": wave.ids[0],
        "channel": wave.ids[1],
        "attempts": wave.attempts,
        **{name: _ends(getattr(wave, name)) for name in STEPS},
        "caused": round(wave.caused, 2),
        "agent_days": None if wave.agent_days is None else round(wave.agent_days, 2),
        "steps_from": "assumptions" if funnel is None else f"{funnel[0]}/{funnel[1]}",
    }


def _ends(expected: Expected | None) -> list[float] | None:
    """Value, low, high."""
    if expected is None:
        return None
    return [round(one, 2) for one in (expected.value, expected.low, expected.high)]


def waves_of_rows(waves: Sequence[Mapping[str, Any]] | None, standing: pa.Table) -> list[dict[str, Any]]:
    """The waves of a plan that was dated anew: attempts and orders caused of the contacts that stand, the rest in
    proportion to those of the plan before it. Waves of which no contact stands are left out.
    """
    found = []
    for one in waves or ():
        mine = pc.and_(*(pc.equal(standing[name], pa.scalar(one[name])) for name in ("phase", "channel")))
        rows = standing.filter(mine)
        if len(rows):
            found.append(_in_proportion(one, len(rows), float(pc.sum(rows["gained"]).as_py() or 0.0)))
    return found


def _in_proportion(wave: Mapping[str, Any], attempts: int, caused: float) -> dict[str, Any]:
    made = attempts / wave["attempts"]
    won = caused / wave["caused"] if wave["caused"] else made
    by = {"reached": made, "willing": won, "recalled": won, "ordered": won, "activated": won}
    if wave["reached"] is None:
        by["recalled"] = made
    people = {
        name: wave[name] and [round(end * times, 2) for end in wave[name]] for name, times in by.items()
    }
    days = wave["agent_days"]
    return {
        **wave,
        **people,
        "attempts": attempts,
        "caused": round(caused, 2),
        "agent_days": None if days is None else round(days * made, 2),
    }
