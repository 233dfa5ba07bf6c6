"""What more of each limit would earn, as a decision: an agent-day, a hundred invitations, a thousand messages. Pure.

From the allocation's prices: what the best plan would earn more if a limit were one unit wider, what the contact costs
taken off already. So it is the gain above what the contacts of one more agent-day cost, and holds for small changes.
"""

from __future__ import annotations

from collections.abc import Mapping

from telewave.allocation.model import LimitUse
from telewave.briefs.agent_capacity import attempts_an_agent_day
from telewave.briefs.model import ChannelUse
from telewave.funnel.steps import CHANNELS, Family
from telewave.kernel import Label, Message
from telewave.planning.limits import budget_names, capacity_name
from telewave.planning.proposal import Proposal
from telewave.planning.volumes import LEAST_PRICE
from telewave.planning.wording import price_words

INVITATIONS, MESSAGES = 100, 1_000


def worth_of_more(made: Proposal) -> tuple[Message, ...]:
    """A sentence for the capacity of each channel and phase that agents, halls, shops or messages have, and for each
    budget that holds the plan back; what earns most first, then what has room left.
    """
    known = {one.limit.name: one for one in made.limits}
    found = [*_capacities(made, known), *_budgets(made, known)]
    return tuple(said for _, said in sorted(found, key=lambda one: -one[0]))


def _capacities(made: Proposal, known: Mapping[Label, LimitUse]) -> list[tuple[float, Message]]:
    currency, found = made.campaign.currency, []
    for phase in made.campaign.phases:
        for use in made.campaign.channels:
            used = known.get(capacity_name(use, phase))
            if used is None:
                continue
            family = CHANNELS.get(use.records or "")
            if use.agents is not None:
                found.append(_agents(use, phase.days.name, used, currency))
            elif family is Family.VISIT:
                found.append(_others(use, phase.days.name, used, currency, INVITATIONS))
            elif family is Family.MESSAGE:
                found.append(_others(use, phase.days.name, used, currency, MESSAGES))
    return found


def _agents(use: ChannelUse, phase: Label, used: LimitUse, currency: str) -> tuple[float, Message]:
    assert use.agents is not None  # noqa: S101 - who calls has looked
    attempts = attempts_an_agent_day(use, use.agents)
    if used.price >= LEAST_PRICE:
        worth = used.price * attempts
        return worth, Message(
            "{channel}, {phase}: one more agent-day ({attempts:,} attempts) earns {value} more than it costs.",
            channel=use.name, phase=phase, attempts=attempts, value=price_words(worth, currency),
        )  # fmt: skip
    return 0.0, Message(
        "{channel}, {phase}: {used:,.1f} of {amount:,.1f} agent-days are needed; another one would earn nothing.",
        channel=use.name, phase=phase, used=used.used / attempts, amount=used.limit.amount / attempts,
    )  # fmt: skip


def _others(use: ChannelUse, phase: Label, used: LimitUse, currency: str, unit: int) -> tuple[float, Message]:
    if used.price >= LEAST_PRICE:
        worth = used.price * unit
        return worth, Message(
            "{channel}, {phase}: {unit:,} more contacts earn {value} more than they cost.",
            channel=use.name, phase=phase, unit=unit, value=price_words(worth, currency),
        )  # fmt: skip
    return 0.0, Message(
        "{channel}, {phase}: {used:,.0f} of {amount:,.0f} contacts are used; room for more would earn nothing.",
        channel=use.name, phase=phase, used=used.used, amount=used.limit.amount,
    )  # fmt: skip


def _budgets(made: Proposal, known: Mapping[Label, LimitUse]) -> list[tuple[float, Message]]:
    currency = made.campaign.currency
    return [
        (used.price, Message(
            "{budget}: {unit} more earns {value} beyond itself.",
            budget=name, unit=price_words(1.0, currency), value=price_words(used.price, currency),
        ))
        for name in budget_names(made.campaign)
        if (used := known.get(name)) is not None and used.price >= LEAST_PRICE
    ]  # fmt: skip
