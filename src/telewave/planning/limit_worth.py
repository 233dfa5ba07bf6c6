"""What more of each limit would earn, as a decision: an agent-day, a hundred invitations, a thousand messages. Pure.

From the allocation's prices: what the best plan would earn more if a limit were one unit wider, what the contact costs
taken off already. So it is the gain above what the contacts of one more agent-day cost, and holds for small changes.
A decision that earns less than one unit of the currency is told nowhere: nobody would take it.
"""

from __future__ import annotations

from collections.abc import Mapping

from telewave.allocation.model import LimitUse
from telewave.briefs.agent_capacity import agent_days
from telewave.briefs.model import CampaignPhase, ChannelUse
from telewave.funnel.steps import CHANNELS, Family
from telewave.kernel import Label, Message
from telewave.planning.limits import budget_names, capacity_name
from telewave.planning.proposal import Proposal
from telewave.planning.wording import price_words

INVITATIONS, MESSAGES, MONEY = 100, 1_000, 100
WORTH_TELLING = 1.0
"""In major units: a decision that earns less is not told."""


def worth_of_more(made: Proposal) -> tuple[Message, ...]:
    """A sentence for the capacity of each channel and phase that agents, halls, shops or messages have, and for each
    budget that holds the plan back; what earns most first, then what has room left. Nothing of what is not used at all.
    """
    known = {one.limit.name: one for one in made.limits}
    found = [*_capacities(made, known), *_budgets(made, known)]
    return tuple(said for _, said in sorted(found, key=lambda one: -one[0]))


def is_telling(made: Proposal, used: LimitUse) -> bool:
    """Whether moving the limit by what one decides about at once earns enough to be told."""
    return used.price * _decided_at_once(made, used.limit.name) >= WORTH_TELLING


def _decided_at_once(made: Proposal, name: Label) -> float:
    """How many units of a limit are one decision: single pieces of a stock, else many contacts or much money."""
    if name in {stock.name for stock in made.stocks}:
        return 1.0
    if name in budget_names(made.campaign):
        return MONEY
    units = (
        _unit(use)
        for use in made.campaign.channels
        for phase in made.campaign.phases
        if name == capacity_name(use, phase)
    )
    return next(units, INVITATIONS)


def _unit(use: ChannelUse) -> float:
    """Contacts through a channel that one decides about at once."""
    days = agent_days(use, 1.0)
    if days is not None:
        return 1 / days
    return MESSAGES if CHANNELS.get(use.records or "") is Family.MESSAGE else INVITATIONS


def _capacities(made: Proposal, known: Mapping[Label, LimitUse]) -> list[tuple[float, Message]]:
    found = []
    for phase in made.campaign.phases:
        for use in made.campaign.channels:
            used = known.get(capacity_name(use, phase))
            family = CHANNELS.get(use.records or "")
            if used is None or not (used.used or is_telling(made, used)):
                continue
            if use.agents is None and family not in (Family.VISIT, Family.MESSAGE):
                continue
            found.append(
                _more(made, use, phase, used) if is_telling(made, used) else (0.0, _room(use, phase, used))
            )
    return found


def _more(made: Proposal, use: ChannelUse, phase: CampaignPhase, used: LimitUse) -> tuple[float, Message]:
    unit = _unit(use)
    value = price_words(used.price * unit, made.campaign.currency)
    if use.agents is not None:
        return used.price * unit, Message(
            "{channel}, {phase}: one more agent-day ({attempts:,.0f} attempts) earns {value} more than it costs.",
            channel=use.name, phase=phase.days.name, attempts=unit, value=value,
        )  # fmt: skip
    return used.price * unit, Message(
        "{channel}, {phase}: {unit:,} more contacts earn {value} more than they cost.",
        channel=use.name, phase=phase.days.name, unit=round(unit), value=value,
    )  # fmt: skip


def _room(use: ChannelUse, phase: CampaignPhase, used: LimitUse) -> Message:
    if use.agents is not None:
        return Message(
            "{channel}, {phase}: {used:,.1f} of {amount:,.1f} agent-days are needed; another one would earn nothing.",
            channel=use.name, phase=phase.days.name,
            used=agent_days(use, used.used), amount=agent_days(use, used.limit.amount),
        )  # fmt: skip
    return Message(
        "{channel}, {phase}: {used:,.0f} of {amount:,.0f} contacts are used; room for more would earn nothing.",
        channel=use.name, phase=phase.days.name, used=used.used, amount=used.limit.amount,
    )  # fmt: skip


def _budgets(made: Proposal, known: Mapping[Label, LimitUse]) -> list[tuple[float, Message]]:
    currency = made.campaign.currency
    return [
        (used.price * MONEY, Message(
            "{budget}: {unit} more earns {value} beyond itself.",
            budget=name, unit=price_words(MONEY, currency), value=price_words(used.price * MONEY, currency),
        ))
        for name in budget_names(made.campaign)
        if (used := known.get(name)) is not None and is_telling(made, used)
    ]  # fmt: skip
