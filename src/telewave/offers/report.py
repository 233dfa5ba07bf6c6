"""Offers and findings on the terminal."""

from __future__ import annotations

from datetime import date
from itertools import groupby

import numpy as np

from telewave.kernel import Figure, Inconclusive, Message, Money
from telewave.offers.classes import ASSUMED_LEVELS, Level, customers_named
from telewave.offers.coverage_findings import OverComplex
from telewave.offers.curves import device_costs, margins
from telewave.offers.economics import DEFAULT_ASSUMPTIONS, Assumptions, Sale
from telewave.offers.findings import Finding
from telewave.offers.matrix import Matrix, MatrixCell, MatrixRow
from telewave.offers.model import Catalogue, Offer
from telewave.offers.offer_words import period_words, promotion_words, terms_words, who
from telewave.offers.price_findings import Contradiction, Dominated, Undercut
from telewave.offers.usecases import Checked
from telewave.offers.wording import fee, offers_named, stretches_named
from telewave.offers.words import Words, listed
from telewave.platform.terminal import Session, TableCell
from telewave.targeting.plan import Group
from telewave.targeting.sentences import amount


def show_offers(session: Session, catalogue: Catalogue) -> None:
    """One line an offer."""
    columns = (Message("Id"), Message("Offer"), Message("Kind"), Message("Channel"), Message("For whom"))
    rows = [
        (offer.id, offer.name, offer.kind.label, channels_of(catalogue, offer), who(offer))
        for offer in catalogue.offers
    ]
    session.table(catalogue.name, columns, rows)


def channels_of(catalogue: Catalogue, offer: Offer) -> Words:
    """The offer's channels by name."""
    return listed([catalogue.channels[channel] for channel in offer.channels], " / ")


def show_offer(session: Session, catalogue: Catalogue, offer: Offer) -> None:
    """One offer in full: terms, what it costs and earns at typical fees, selling points."""
    session.say(offer.name, style="bold")
    session.say(
        Message(
            "{kind} · {channels} · {who}",
            kind=offer.kind.label,
            channels=channels_of(catalogue, offer),
            who=who(offer),
        )
    )
    session.say(Message("Valid {period}.", period=period_words(offer.valid)))
    for sentence in (*terms_words(offer.terms), *(promotion_words(p) for p in offer.promotions)):
        session.say(Message("- {sentence}", sentence=sentence))
    for sentence in quota_words(offer):
        session.say(Message("- {sentence}", sentence=sentence))
    if offer.note is not None:
        session.say(Message("How the source was read: {note}", note=offer.note))
    columns = (
        Message("Monthly fee"),
        Message("The device really costs"),
        Message("Operator's incremental margin"),
    )
    rows = [
        (
            Figure(level.fee, fee(level.fee)),
            _money(cost_of(offer, level)),
            _money(margin_of(offer, level)),
        )
        for level in ASSUMED_LEVELS
    ]
    session.table(Message("What it comes to, a piece"), columns, rows)
    session.say(assumption_words(DEFAULT_ASSUMPTIONS), style="yellow")
    for point in offer.selling_points:
        groups = listed([g.label for g in sorted(point.groups)], " / ")
        session.say(
            Message(
                "For the groups {groups}: {feature} {advantage} {benefit} ({evidence})",
                groups=groups,
                feature=point.feature,
                advantage=point.advantage,
                benefit=point.benefit,
                evidence=point.evidence,
            )
        )
    for group in Group:
        if lines := catalogue.script(offer, group):
            session.say(Message("Script for the group {group}:", group=group.label))
            for line in lines:
                session.say(Message("- {sentence}", sentence=line))


def quota_words(offer: Offer) -> list[Message]:
    """Limits on sales."""
    quotas, said = offer.quotas, []
    if quotas.stock is not None:
        said.append(Message("{pieces} pieces in stock.", pieces=f"{quotas.stock:,}"))
    if quotas.a_customer is not None:
        said.append(Message("At most {pieces} a customer.", pieces=f"{quotas.a_customer:,}"))
    if quotas.a_day is not None:
        said.append(Message("At most {pieces} a day.", pieces=f"{quotas.a_day:,}"))
    return said


def cost_of(offer: Offer, level: Level, day: date | None = None) -> Money:
    """What the device really costs at the level's fee, a piece of the usual order, with the promotions of the day."""
    fees = np.array([level.fee.minor], np.int64)
    return Money(int(device_costs(offer, fees, Sale(day=day))[0]), level.fee.currency)


def margin_of(
    offer: Offer, level: Level, assumptions: Assumptions = DEFAULT_ASSUMPTIONS, day: date | None = None
) -> Money:
    """What the operator earns by one sale at the level's fee, against no sale, with the promotions of the day."""
    fees = np.array([level.fee.minor], np.int64)
    return Money(int(margins(offer, fees, assumptions, Sale(day=day))[0]), level.fee.currency)


def assumption_words(assumptions: Assumptions) -> Message:
    """What the margins rest on."""
    return Message(
        (
            "Margins rest on assumptions: a device costs the operator {device}, serving a subscriber costs "
            "{share} of its own fees, and existing subscribers would stay and pay {kept} of theirs without the "
            "sale. They are sums over the months of each contract, which differ, and nothing is discounted: "
            "compare those of new numbers between contracts of one length."
        ),
        device=amount(assumptions.device_cost),
        share=f"{assumptions.cost_to_serve_bp / 100:g}%",
        kept=f"{100 - assumptions.retained_bp / 100:g}%",
    )


def show_checked(session: Session, checked: Checked) -> None:
    """Every finding: what is wrong, for whom, at what stake, and what to change."""
    session.say(overview(checked), style="bold")
    if checked.market.counted is not None and checked.market.counted.unplaced:
        session.say(unplaced_words(checked.market.counted.unplaced))
    for number, finding in enumerate(checked.findings, 1):
        session.say("")
        session.say(Message("{number}. {title}", number=number, title=finding.title), style="bold")
        session.say(finding.sentence)
        for line in details(finding):
            session.say(Message("   - {line}", line=line))
        session.say(stake_words(finding))
        session.say(Message("Suggestion: {suggestion}", suggestion=finding.suggestion), style="green")
    session.say("")
    show_matrix(session, checked.matrix)


def show_matrix(session: Session, picture: Matrix) -> None:
    """Who is offered what where, as in the report: a table for customers with the same choice."""
    session.say(Message("What the device really costs by the best policy of each channel"), style="bold")
    channels = [name for _, name in picture.channels]
    columns: list[Words] = [Message("Level of use"), Message("Subscribers"), *channels]
    for customers, rows in groupby(picture.rows, lambda row: row.customers):
        session.table(customers_named(customers), columns, [_row_words(row) for row in rows])


def _row_words(row: MatrixRow) -> list[TableCell]:
    size = None if isinstance(row.size, Inconclusive) else row.size
    return [row.level.name, size, *(_cell_words(cell) for cell in row.cells)]


def _cell_words(cell: MatrixCell) -> TableCell:
    """The cost through the channel, and how much more that is than through the best; a tick where it is the best."""
    if cell.cost is None or cell.distance is None:
        return Message("for some") if cell.partly else None
    if not cell.distance.minor:
        return Figure(cell.cost, Message("✓ {cost}", cost=amount(cell.cost)))
    shown = Message("{cost} (+{distance})", cost=amount(cell.cost), distance=f"{cell.distance.major:,.0f}")
    return Figure(cell.cost, shown)


def _money(money: Money) -> Figure:
    return Figure(money, amount(money))


def overview(checked: Checked) -> Message:
    """How many offers, channels and findings."""
    return Message(
        "Policies: {offers}. Channels: {channels}. Findings: {findings}.",
        offers=len(checked.offers),
        channels=len(checked.catalogue.channels),
        findings=len(checked.findings),
    )


def unplaced_words(count: int) -> Message:
    """Who is in no class."""
    return Message(
        "{count} subscribers are counted in no class, since their monthly fee, way of payment or product is not known.",
        count=f"{count:,}",
    )


def details(finding: Finding) -> list[Message]:
    """The cases behind a finding, one line each."""
    match finding:
        case Contradiction(cases=cases) | Undercut(cases=cases):
            return [
                Message(
                    "{customers}: {cheap} is cheaper than {dear} at {stretches}",
                    customers=customers_named(case.customers),
                    cheap=offers_named(case.cheap),
                    dear=offers_named(case.dear),
                    stretches=stretches_named(case.stretches),
                )
                for case in cases
            ]
        case Dominated(hinges=hinges):
            return [hinge.sentence for hinge in hinges]
        case OverComplex(choices=choices):
            return [
                Message(
                    "{customers}: {number} policies in {channels}",
                    customers=customers_named(choice.customers),
                    number=len(choice.offers),
                    channels=listed(list(choice.channels), " / "),
                )
                for choice in choices
            ]
        case _:
            return []


def stake_words(finding: Finding) -> Message:
    """Who is affected, and what is at stake."""
    stake = finding.stake
    if isinstance(stake.total, Inconclusive):
        return Message(
            "Subscribers affected: {affected}. At stake in a sale: {a_sale}.",
            affected=told(stake.affected),
            a_sale=told(stake.a_sale),
        )
    return Message(
        "Subscribers affected: {affected}. At stake in a sale: {a_sale}; if 1 % of them buy: {total}.",
        affected=told(stake.affected),
        a_sale=told(stake.a_sale),
        total=told(stake.total),
    )


def told(value: int | Money | Inconclusive) -> Words:
    """A number, an amount, or why there is none."""
    match value:
        case Inconclusive():
            return value.reason
        case Money():
            return amount(value)
        case int():
            return f"{value:,}"
