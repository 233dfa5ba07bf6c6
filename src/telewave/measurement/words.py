"""What was measured, in sentences and rows of tables. Pure."""

from __future__ import annotations

import math
from datetime import timedelta

from telewave.funnel.steps import CHANNEL_LABELS
from telewave.kernel import Estimate, Figure, Inconclusive, Label, Message, Money
from telewave.measurement.attribution import Rule
from telewave.measurement.effect import FEWEST, Effect
from telewave.measurement.model import Along, ChannelReturn, Compared, Measured, Stages
from telewave.platform.answer import TableCell, Text
from telewave.targeting.plan import Group
from telewave.targeting.sentences import amount, percent

MOST_ROWS = 12
"""Agents shown: those with the most contacts."""
STAGE_COLUMNS: tuple[Text, ...] = (
    Message("In the plan"),
    Message("Were contacted"),
    Message("Reached"),
    Message("Willing"),
    Message("Ordered"),
    Message("Activated"),
)
ARM_COLUMNS: tuple[Text, ...] = (
    Message("People"),
    Message("Number"),
    Message("Ordered"),
    Message("Share"),
)
DAY_COLUMNS: tuple[Text, ...] = (
    Message("Before"),
    Message("Assigned, orders of 1,000"),
    Message("Held out, orders of 1,000"),
    Message("Difference (95 %, all days together)"),
)
PART_COLUMNS: tuple[Text, ...] = (
    Message("Target group"),
    Message("Assigned"),
    Message("Held out"),
    Message("Orders brought by 1,000 people (95 %, all groups together)"),
    Message("Chance without effect (Holm)"),
)
RETURN_COLUMNS: tuple[Text, ...] = (
    Message("Channel"),
    Message("Contacts made"),
    Message("Cost"),
    Message("Orders brought"),
    Message("Margin brought"),
    Message("Back for each unit spent"),
)


def headline(found: Measured) -> list[Message]:
    """What the campaign earned, or how long it will take to know."""
    if isinstance(found.orders, Inconclusive):
        return [found.orders.reason]
    if min(found.took) < FEWEST and not found.orders.seen:
        return [_too_few(found), *_waiting(found.orders, found)]
    said = [_brought(found, found.orders.total, found.orders.seen)]
    if not found.orders.seen:
        said += _waiting(found.orders, found)
    return [*said, *_money_words(found)]


def _brought(found: Measured, orders: Estimate, seen: bool) -> Message:
    facts = {
        "orders": whole(abs(orders.value)),
        "low": whole(orders.low),
        "high": whole(orders.high),
        "expected": whole(found.expected),
    }
    if not seen:
        return Message(
            "It cannot be told yet whether the campaign brings anything: {low} to {high} orders so far, and 0 "
            "lies between (the plan expects {expected} by its end).",
            **facts,
        )
    if orders.value > 0:
        return Message(
            "The campaign has brought {orders} orders so far that would not have come without it ({low} to "
            "{high}; the plan expects {expected} by its end).",
            **facts,
        )
    return Message(
        "The campaign has driven {orders} orders away so far that would have come without it ({low} to {high}; "
        "the plan expects {expected} by its end).",
        **facts,
    )


def _too_few(found: Measured) -> Message:
    return Message(
        "Too little to tell: {assigned} of those assigned and {held} of the held out have ordered so far; from {least} "
        "in each on the comparison can be trusted.",
        assigned=found.took[0],
        held=found.took[1],
        least=FEWEST,
    )


def _waiting(effect: Effect, found: Measured) -> list[Message]:
    days = effect.days_until_seen()
    if days is None:
        return [Message("At today's pace it would not show within a year.")]
    return [
        Message(
            "At today's pace it would show after {more} more days of such contacts ({days} from the first day; the "
            "campaign lasts {length}).",
            more=days - effect.last.days,
            days=days,
            length=(found.last - found.first).days + 1,
        )
    ]


def span(found: Measured) -> str:
    """Orders brought with their interval, as short as it goes; a dash where there is no comparison."""
    if isinstance(found.orders, Inconclusive):
        return "–"
    total = found.orders.total
    return f"{whole(total.value)} ({whole(total.low)} – {whole(total.high)})"


def _money_words(found: Measured) -> list[Message]:
    if isinstance(found.margin, Inconclusive):
        return []
    margin, cost = found.margin.total, found.cost
    said = [
        Message(
            "These orders earn {margin} ({low} to {high}); the contacts made have cost {cost}.",
            margin=money(margin.value, found),
            low=money(margin.low, found),
            high=money(margin.high, found),
            cost=money(cost, found),
        )
    ]
    acquired = found.cost_to_acquire
    if isinstance(acquired, Estimate):
        high = Message("no limit") if math.isinf(acquired.high) else money(acquired.high, found)
        said.append(
            Message(
                "An order that the campaign brought has cost {cost} ({low} to {high}).",
                cost=money(acquired.value, found),
                low=money(acquired.low, found),
                high=high,
            )
        )
    return said


def warnings(found: Measured) -> list[Message]:
    """What weakens the comparison."""
    draw, said = found.draw, []
    if draw.beside:
        said.append(
            Message(
                "{count} people were contacted whom the plan did not aim at when it was launched. What they ordered is "
                "not in the comparison.",
                count=f"{draw.beside:,}",
            )
        )
    if draw.of is Compared.PLAN_MOVED_ON:
        said.append(
            Message(
                "The plan as it now stands contacts others than it aimed at when it was launched. So everybody who was "
                "drawn is compared, also those left alone either way, and the interval is wider."
            )
        )
    if draw.contaminated:
        said.append(
            Message(
                "{count} of the {held} people held out were contacted all the same ({share}). They stay in the "
                "control group, as drawn, so the effect shown is rather too small. Find out through which "
                "channel, and keep them out of it.",
                count=f"{draw.contaminated:,}",
                held=f"{draw.held_out:,}",
                share=percent(draw.contaminated / draw.held_out),
            )
        )
    if found.unspoken:
        said.append(
            Message(
                "{count} people assigned ordered without a contact on record before: no channel is given their orders.",
                count=f"{found.unspoken:,}",
            )
        )
    return said


def draw_words(found: Measured) -> list[Message]:
    """Who is compared with whom, and whether the draw can be trusted."""
    draw = found.draw
    said = [
        _who_is_compared(found),
        Message(
            "{share} were to be held out, and {found} are: the draw was kept (a larger distance has a chance of "
            "{chance}; below 0.1 % nothing would be measured).",
            share=percent(draw.share),
            found=percent(draw.held_out / max(draw.assigned + draw.held_out, 1)),
            chance=percent(draw.chance),
        ),
    ]
    if isinstance(found.orders, Effect) and found.orders.noise_left < 0.995:
        said.append(
            Message(
                "What the model knew of each before the launch takes {share} of the noise away.",
                share=percent(1 - found.orders.noise_left),
            )
        )
    return said


def _who_is_compared(found: Measured) -> Message:
    draw = found.draw
    facts = {
        "assigned": f"{draw.assigned:,}",
        "held": f"{draw.held_out:,}",
        "universal": f"{draw.universal:,}",
        "aside": f"{draw.aside:,}",
    }
    if draw.of is Compared.AIMED_AT:
        return Message(
            "{assigned} people whom the plan wanted to contact are compared with {held} whom it wanted to contact too "
            "and who were held out by lot, all as they were drawn, contacted or not. {aside} others who were drawn are "
            "left alone either way: their orders tell nothing of the campaign and would only add chance. {universal} "
            "more are left alone by all campaigns and not counted.",
            **facts,
        )
    return Message(
        "{assigned} people whom the campaign was free to contact are compared with {held} held out by lot, all as "
        "they were drawn, contacted or not. {universal} more are left alone by all campaigns and not counted.",
        **facts,
    )


def causal_words() -> Message:
    """What of the return is causal."""
    return Message(
        "The whole is causal: it comes from the holdout, which was drawn by lot. How the rules share it between "
        "channels is not: who was contacted through which channel was no chance. Where the rules disagree, "
        "only a test tells."
    )


def move_words(found: Measured) -> Message:
    """The proposal, or why there is none."""
    move = found.move
    if isinstance(move, Inconclusive):
        return move.reason
    return Message(
        "Move {amount} of contacts from {source} to {target}: expected to bring {gain} more margin "
        "({low} to {high}) if the Shapley shares are right. Move it for a part drawn by lot first.",
        amount=money(move.amount, found),
        source=name_of(found, move.source),
        target=name_of(found, move.target),
        gain=money(move.gain.value, found),
        low=money(move.gain.low, found),
        high=money(move.gain.high, found),
    )


def arm_rows(found: Measured) -> list[list[TableCell]]:
    """Both arms, as they are."""
    draw = found.draw
    names = (Message("Assigned"), Message("Held out"))
    sizes = (draw.assigned, draw.held_out)
    return [
        [name, size, took, Figure(took / size, percent(took / size)) if size else None]
        for name, size, took in zip(names, sizes, found.took, strict=True)
    ]


def day_rows(found: Measured) -> list[list[TableCell]]:
    """The effect day by day, the last first."""
    if isinstance(found.orders, Inconclusive):
        return []
    n = found.orders.assigned + found.orders.held_out
    return [
        [
            found.first + timedelta(days=one.days),
            Figure.of(one.assigned * 1000, ",.2f"),
            Figure.of(one.held_out * 1000, ",.2f"),
            _estimate(one.estimate(n, 1000)),
        ]
        for one in reversed(found.orders.looks)
    ]


def part_rows(found: Measured) -> list[list[TableCell]]:
    """The effect by target group."""
    return [
        [
            group_words(one.name),
            one.effect.assigned,
            one.effect.held_out,
            _estimate(one.estimate),
            Figure(one.chance, percent(one.chance)),
        ]
        for one in found.parts
    ]


def _in_order(found: Measured, along: Along) -> list[Stages]:
    """Waves as they come, the rest the largest first."""
    parts, known = list(found.funnel[along]), list(found.names)
    if along is Along.WAVE:
        parts.sort(key=lambda one: known.index(one.name) if one.name in known else len(known))
    return parts


UNKNOWN_STAGES = {Along.AGENT: 1, Along.SCRIPT: 1, Along.WHERE: 4}
"""How many of the first stages are not known by a split, and are left out of its table."""


def stage_columns(along: Along) -> list[Text]:
    """Headings of the funnel by one split."""
    return [along.label, *STAGE_COLUMNS[UNKNOWN_STAGES.get(along, 0) :]]


def stage_rows(found: Measured, along: Along) -> list[list[TableCell]]:
    """The funnel by one split."""
    first = UNKNOWN_STAGES.get(along, 0)
    rows: list[list[TableCell]] = []
    for one in _in_order(found, along)[:MOST_ROWS]:
        stages = (one.target, one.contacted, one.reached, one.willing, one.ordered, one.activated)
        rows.append([part_name(found, along, one), *stages[first:]])
    return rows


def return_rows(found: Measured, rule: Rule) -> list[list[TableCell]]:
    """Each channel's return by one rule; of channels through which somebody was contacted."""
    return [
        [
            name_of(found, one.channel),
            one.contacts,
            money_figure(one.cost, found),
            _estimate(one.orders[rule], ",.1f"),
            money_estimate(one.margin[rule], found),
            _back(one, rule),
        ]
        for one in found.channels
        if one.contacts
    ]


def _back(one: ChannelReturn, rule: Rule) -> TableCell:
    """What comes back for each unit spent, with the interval of the margin."""
    return back_for_each(one.margin[rule], one.cost) if one.cost else None


def back_for_each(margin: Estimate, cost: float) -> Figure:
    """Margin over the cost of the contacts, which is known."""
    value, low, high = (part / cost for part in (margin.value, margin.low, margin.high))
    return _estimate(Estimate(value=value, low=low, high=high, n=margin.n, method=margin.method), ",.1f")


def name_of(found: Measured, code: str) -> Text:
    """What a channel, wave or offer is called."""
    return found.names.get(code) or CHANNEL_LABELS.get(code) or Label(code, code)


def group_words(code: str) -> Text:
    """What a target group is called."""
    return Group(code).label if code else Message("In no group")


def part_name(found: Measured, along: Along, one: Stages) -> Text:
    """What people call the part."""
    if along is Along.GROUP:
        return group_words(one.name)
    if along is Along.WHERE:  # not what the plan calls a contact through that channel
        return CHANNEL_LABELS.get(one.name) or one.name
    return one.name if along in (Along.AGENT, Along.SCRIPT) else name_of(found, one.name)


def _estimate(found: Estimate, form: str = ",.2f") -> Figure:
    low, high = format(found.low, form), format(found.high, form)
    return Figure(found, f"{format(found.value, form)} ({low} – {high})")


def money_estimate(found: Estimate, of: Measured) -> Figure:
    """An amount with its interval."""
    words = Message(
        "{value} ({low} to {high})",
        value=money(found.value, of),
        low=money(found.low, of),
        high=money(found.high, of),
    )
    return Figure(found, words)


def money_figure(value: float, found: Measured) -> Figure:
    """An amount as a cell."""
    return Figure(Money(round(value * 100), found.currency), money(value, found))


def money(value: float, found: Measured) -> Message:
    """An amount in the campaign's currency."""
    return amount(Money(round(value * 100), found.currency))


def whole(value: float) -> str:
    """Orders, as exactly as they mean something."""
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:,.1f}"
