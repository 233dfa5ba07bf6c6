"""What a reader of a plan must know beside its numbers: what is left to chance, left out, measurable and assumed.
Pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from telewave.briefs.model import Choice
from telewave.choice.terms import DOWN, MINIMUM, MONTHS, NEW_NUMBER, TRUE_COST, Term
from telewave.experiments.balance import BAR, balance, standardised_difference
from telewave.experiments.power import minimal_effect
from telewave.kernel import Inconclusive, Label, Message, Money
from telewave.planning.effect_words import effect_words
from telewave.planning.options import Gathered
from telewave.planning.proposal import Proposal
from telewave.scheduling.waves import Why
from telewave.targeting.sentences import amount, percent


def explored(made: Proposal) -> Message:
    """How many options were exchanged by lot, or why none."""
    share = made.campaign.holdout.explored
    possible, exchanged = int(made.explored.possible.sum()), int(made.explored.by_chance.sum())
    if not share:
        return Message(
            "Nothing is left to chance: no contact shows what another option would have done. State a "
            "share `explored` to learn from."
        )
    if not possible:
        return Message(
            "No option was exchanged by lot: no two like subscribers have different options that both may "
            "get without using a limit more."
        )
    return Message(
        (
            "{possible:,} contacts could exchange their option with that of a like subscriber without using "
            "any limit more; by lot, with a probability of {share} each, {count:,} did. The probability is "
            "logged, so that later learning is unbiased."
        ),
        count=exchanged,
        share=percent(share),
        possible=possible,
    )


def undated(made: Proposal) -> list[Message]:
    """Contacts without a day by reason."""
    return [
        Message("{count:,}: {reason}.", count=int((made.dated.why == why).sum()), reason=why.label)
        for why in Why
        if why is not Why.DATED and (made.dated.why == why).any()
    ]


def alike(made: Proposal, gathered: Gathered) -> Message | None:
    """Whether those held out are like the others in probability, monthly fee and
    target group; None where nobody is held out.
    """
    if not made.held.any():
        return None
    drawn = ~made.universal
    base, held = gathered.base, made.held[drawn]
    found = [
        standardised_difference(values[drawn].astype(np.float64), held)
        for values in (base.probability, base.fee_minor)
    ]
    if gathered.group is not None:
        lines = balance(gathered.group[drawn], held)
        found += [] if isinstance(lines, Inconclusive) else [line.difference for line in lines]
    known = [abs(one) for one in found if not isinstance(one, Inconclusive)]
    if not known:
        return None
    if max(known) < BAR:
        return Message(
            (
                "Those held out are like the others in probability, monthly fee and target group: the largest "
                "standardised difference is {most:.3f}, and up to {bar} counts as alike."
            ),
            most=max(known),
            bar=BAR,
        )
    return Message(
        (
            "Those held out differ from the others in probability, monthly fee or target group: the largest "
            "standardised difference is {most:.2f}, more than {bar}. Hold out more."
        ),
        most=max(known),
        bar=BAR,
    )


def left_out(made: Proposal, gathered: Gathered) -> list[Message]:
    """What the plan does not propose or not keep, with the reason."""
    found = []
    offers, campaign = made.options.offers, made.campaign
    for phase in campaign.phases:
        names = [offer.name for offer in offers if phase.some_day(offer) and not phase.all_days(offer)]
        if names:
            found.append(
                Message(
                    (
                        "In {phase} the plan does not propose what is on sale on some of its days only: "
                        "{offers}. Split the phase to propose it."
                    ),
                    phase=phase.days.name,
                    offers=names,
                )
            )
    stocked = [o.name for o in offers if any(p.stock is not None for p in o.promotions)]
    if stocked:
        found.append(
            Message(
                "The plan does not keep the stock of gifts and other promotions of: {offers}.", offers=stocked
            )
        )
    if made.ways.matrix is None:
        reason = (
            Message("the campaign file states no `matrix`")
            if not campaign.matrix
            else Message("no target groups were formed: run telewave group")
        )
        found.append(Message("The rule of groups and channels is not compared: {reason}.", reason=reason))
    if campaign.household_contacts is not None and gathered.base.household is None:
        found.append(
            Message(
                "Contacts of a household are not limited: the records name no customer of any line. Ingest "
                "`customer` with the subscribers."
            )
        )
    return found


def measurable(made: Proposal, gained: float) -> Message:
    """Whether the comparison of held out and others can show the effect that the plan expects: of
    those whom it would contact, on both sides.
    """
    held, others = len(made.aimed_held), int(made.aimed.sum())
    if not held or not others:
        return Message(
            "Nobody whom the plan would contact is held out of this campaign: its effect cannot be measured."
        )
    rate = float(np.clip(made.chance.organic[made.aimed].mean(), 1e-9, 1 - 1e-9))
    least, expected = minimal_effect(rate, held, others), gained / others
    if isinstance(least, Inconclusive):
        return Message("The holdout is too small to measure anything: {reason}", reason=least.reason)
    template = {"held": held, "others": others, "least": percent(least), "expected": percent(expected)}
    if expected >= least:
        return Message(
            (
                "Of those whom the plan would contact {held:,} are held out and {others:,} not: a rise of take-up by "
                "{least} or more is told from chance in four of five cases; {expected} is expected."
            ),
            **template,
        )
    return Message(
        (
            "Of those whom the plan would contact {held:,} are held out and {others:,} not: only a rise of take-up by "
            "{least} or more is told from chance in four of five cases; {expected} is expected. Hold out more, or "
            "measure several campaigns together by the universal control group."
        ),
        **template,
    )


def contaminated(made: Proposal) -> list[Message]:
    """Who of the holdout is contacted by other campaigns, and whose holdout this plan
    contacts: what a measurement will suffer from.
    """
    found, brief = [], made.campaign
    touched = made.surroundings.elsewhere
    if touched is not None:
        within = (touched.day >= brief.first.toordinal()) & (touched.day <= brief.last.toordinal())
        spoilt = np.isin(made.everybody[made.held], touched.subscriber[within])
        if spoilt.any():
            found.append(
                Message(
                    (
                        "{count:,} of the {held:,} held out are contacted by other campaigns in these days: "
                        "compared with them, this campaign's effect looks smaller than it is where both "
                        "propose the same."
                    ),
                    count=int(spoilt.sum()),
                    held=int(made.held.sum()),
                )
            )
    contacted = np.unique(made.base.subscriber[made.row])
    if others := int(made.surroundings.spoilt(contacted).sum()):
        found.append(
            Message(
                (
                    "{count:,} of those contacted are held out of other campaigns that run, as the campaign "
                    "says: their measurement suffers."
                ),
                count=others,
            )
        )
    return found


def assumptions(made: Proposal) -> Sequence[Message]:
    """Everything that no data has confirmed, and the levers."""
    choice = made.campaign.choice
    rows = [
        Message(
            "{share:.0%} of those who take the offer would have come without any contact.",
            share=choice.organic_share,
        ),
        _chosen(choice),
        *_choice_rests_on(choice),
    ]
    economics = made.campaign.economics
    rows.append(
        Message(
            (
                "A device costs the operator {device}; serving a subscriber costs {served:.0%} of what he pays; "
                "{kept:.0%} of what he pays would be lost without the contract that binds him."
            ),
            device=amount(economics.device_cost),
            served=economics.cost_to_serve_bp / 10_000,
            kept=economics.retained_bp / 10_000,
        )
    )
    names = {str(offer.id): offer.name for offer in made.options.offers}
    for channel in made.campaign.channels:
        rows.append(effect_words(channel.name, channel.effect))
        for offer, effect in channel.effect.offers.items():
            if offer in names:
                rows.append(
                    effect_words(
                        Message("{channel}, {offer}", channel=channel.name, offer=names[offer]), effect
                    )
                )
    rows += [
        Message(
            (
                "{stock}: of {whole} pieces those who come without a contact are expected to take {organic}; "
                "the rest is for those whom contacts bring."
            ),
            stock=one.name,
            whole=f"{one.whole:,.0f}",
            organic=f"{one.whole - one.amount:,.0f}",
        )
        for one in made.stocks
    ]
    rows += _levers(made, names)
    if made.campaign.most_contacts > 1:
        rows.append(
            Message(
                "Each contact of a subscriber is counted as if it were the only one; a second one really adds less."
            )
        )
    return rows


def _chosen(choice: Choice) -> Message:
    """How subscribers are taken to choose between offers."""
    if choice.weights is None:
        return Message(
            "Of two offers, one that costs a customer 10 % more is taken {part:.0%} as often.",
            part=1.1 ** -(choice.price_elasticity or 0.0),
        )
    return Message(
        (
            "Of two offers, one is taken {cost:.0%} as often for each 1,000 more that it really costs, {down:.0%} "
            "for each 1,000 more on the first day, {months:.0%} for each year longer bound, {least:.0%} for each 50 "
            "that its minimum spend lies above the own fee, {number:.0%} if it needs a new number."
        ),
        cost=_taken(choice.weights, TRUE_COST, 1_000_00 / TRUE_COST.money),
        down=_taken(choice.weights, DOWN, 1_000_00 / DOWN.money),
        months=_taken(choice.weights, MONTHS, 1),
        least=_taken(choice.weights, MINIMUM, 50_00 / MINIMUM.money),
        number=_taken(choice.weights, NEW_NUMBER, 1),
    )


def _choice_rests_on(choice: Choice) -> list[Message]:
    """Whether that was learnt."""
    known = choice.rests_on
    if known is None:
        return []
    said = (
        Message(
            "How people choose was learnt from {orders:,} orders of your own (choice model {name}, version {version}).",
            orders=known.orders, name=known.name, version=known.version,
        )
        if known.used
        else Message(
            "The choice model {name}, version {version}, foretold later orders no better than simple rules, and is not "
            "used.",
            name=known.name, version=known.version,
        )
    )  # fmt: skip
    return [said]


def _taken(weights: Mapping[str, float], term: Term, units: float) -> float:
    """How often an offer is taken with so many units more of a term, beside one without them."""
    return math.exp(-weights.get(term.id, 0.0) * units)


def _levers(made: Proposal, names: Mapping[str, Label]) -> list[Message]:
    """The levers, and what they cost: what stands beside the limits is then what one unit more would earn as they tilt
    it.
    """
    rows = [
        Message(
            "A lever of {lever:g} tilts the choice towards or away from: {offer}.",
            lever=lever,
            offer=names[offer],
        )
        for offer, lever in made.campaign.choice.levers.items()
        if offer in names
    ]
    if made.ways.unlevered is not None:
        rows.append(
            Message(
                (
                    "Without levers the plan would be expected to earn {without}, with them {profit}. Levers "
                    "change what is chosen, never what it is said to earn; what one unit more of a limit would "
                    "earn counts with them."
                ),
                without=amount(Money(round(made.ways.unlevered * 100), made.campaign.currency)),
                profit=amount(Money(round(made.ways.plan.profit * 100), made.campaign.currency)),
            )
        )
    return rows
