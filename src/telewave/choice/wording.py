"""A choice model in sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from telewave.choice.judging import Rule
from telewave.choice.model import ChoiceModel, ClassWeights, LeftOut, as_money, weighs
from telewave.choice.terms import DOWN, MINIMUM, MONTHS, NEW_NUMBER, TRUE_COST, Term
from telewave.customers.base import CLASS_LABELS, PAYMENT_LABELS, SEGMENT_LABELS, Cell
from telewave.kernel import Estimate, Figure, Message
from telewave.offers.words import Words, listed
from telewave.targeting.sentences import amount, percent


def left_out_words(left_out: Mapping[LeftOut, int]) -> Words:
    """Which orders say nothing of a choice, and why."""
    if not left_out:
        return Message("No order was left out.")
    parts = [Message("{count:,} ({reason})", count=n, reason=reason.words) for reason, n in left_out.items()]
    return Message("Orders left out: {parts}.", parts=listed(parts, "; "))


def cell_words(cell: Cell) -> Words:
    """A class as people call it."""
    return listed(
        [CLASS_LABELS[cell.base], PAYMENT_LABELS[cell.payment], SEGMENT_LABELS[cell.segment]], " · "
    )


def verdict_words(model: ChoiceModel) -> Message:
    """Whether the model may be used, and by how much it is better or not."""
    verdict = model.verdict
    nearest = min(verdict.gains, key=lambda rule: verdict.gains[rule].low)
    gain = verdict.gains[nearest]
    told = {
        "judged": verdict.judged,
        "cut": verdict.cut,
        "bits": verdict.bits[Rule.MODEL].value,
        "rule": nearest.label,
        "gain": gain.value,
        "low": gain.low,
        "high": gain.high,
    }
    if verdict.used:
        return Message(
            "Use it: on the {judged:,} orders from {cut} on, which it had not seen, the model needs {bits:.3f} bits an "
            "order, {gain:.3f} fewer ({low:.3f} to {high:.3f}) than its nearest rival ({rule}).",
            **told,
        )
    return Message(
        "Do not use it: on the {judged:,} orders from {cut} on, which it had not seen, the model needs {bits:.3f} bits "
        "an order, and beside the rule “{rule}” it saves {gain:.3f} ({low:.3f} to {high:.3f}), which may be nothing. "
        "Go by what is believed until there are more orders.",
        **told,
    )


def decisions(model: ChoiceModel) -> list[Message]:
    """What to do by the model, the largest classes first; nothing where it is not to be used."""
    if not model.verdict.used:
        return []
    return [
        said
        for one in model.classes[:4]
        for said in (_down_words(model, one), _lead_words(model, one))
        if said
    ]


def _down_words(model: ChoiceModel, one: ClassWeights) -> Message | None:
    """What less money down is worth to the class, in true cost."""
    place = model.place(DOWN)
    found = weighs(model, one, place) if place >= 0 else None
    if not isinstance(found, Estimate) or found.low <= 0:
        return None
    told: dict[str, Words] = {
        "hundred": amount(as_money(DOWN.money, model.currency)),
        "worth": _amount(found.value, model),
    }
    told |= {
        "low": _amount(found.low, model),
        "high": _amount(found.high, model),
        "who": cell_words(one.cell),
    }
    return Message(
        "{who}: with the true cost as it is, {hundred} less on the first day weighs as much as {worth} ({low} to "
        "{high}) less true cost. Moving money from the first day into the contract is the cheaper way to win them.",
        **told,
    )


def _lead_words(model: ChoiceModel, one: ClassWeights) -> Message:
    """Which policy to propose to the class and what to say first."""
    told = {"who": cell_words(one.cell), "policy": model.policies[one.lead.policy].name}
    told |= {"share": percent(one.lead.share)}
    if not one.lead.terms:
        return Message(
            "{who}: propose “{policy}” first, which {share} of those who may have it take.", **told
        )
    return Message(
        "{who}: propose “{policy}” first, which {share} of those who may have it take, and speak first of: {terms}.",
        **told,
        terms=speaking_words(model, one),
    )


def speaking_words(model: ChoiceModel, one: ClassWeights) -> Words:
    """The terms that speak for the class's policy, and how much each multiplies its odds."""
    parts = [
        Message("{term} (odds times {odds:.2f})", term=model.terms[term].name, odds=odds)
        for term, odds in one.lead.terms
    ]
    return listed(parts, "; ")


def _amount(minor: float, model: ChoiceModel) -> Message:
    return amount(as_money(minor, model.currency))


def unit_words(term: Term, currency: str) -> Words:
    """What a term's weight is of."""
    if term.money:
        return Message("{amount} more", amount=amount(as_money(term.money, currency)))
    return term.unit


def exchange_terms(model: ChoiceModel) -> list[Term]:
    """The terms that are told in true cost."""
    wanted = [one.id for one in (DOWN, MINIMUM, MONTHS, NEW_NUMBER)]
    return [term for term in model.terms if term.id in wanted]


def weighs_figure(model: ChoiceModel, one: ClassWeights, term: Term) -> Figure:
    """What one unit of the term weighs as, with its interval; the value in major units."""
    found = weighs(model, one, model.place(term))
    if not isinstance(found, Estimate):
        return Figure(found, "–")
    ends = Message(
        "{value} ({low} to {high})",
        value=_amount(found.value, model),
        low=f"{found.low / 100:,.0f}",
        high=f"{found.high / 100:,.0f}",
    )
    return Figure(replace(found, value=found.value / 100, low=found.low / 100, high=found.high / 100), ends)


def notes(model: ChoiceModel) -> list[Message | Words]:
    """What to know before reading the numbers."""
    said: list[Message | Words] = [
        Message(
            "Learnt from {orders:,} orders from {first} to {last}, with the policies of the catalogue “{catalogue}” "
            "that were open to each taker on the day. A class with few orders leans on the others.",
            orders=model.orders,
            first=model.first,
            last=model.last,
            catalogue=model.catalogue,
        ),
        left_out_words(model.left_out),
    ]
    if model.unknown_policies:
        said.append(
            Message(
                "Policies that are not in the catalogue: {which}.",
                which=", ".join(model.unknown_policies[:10]),
            )
        )
    for term, others in model.follow:
        if others:
            of = listed([one.name for one in others], ", ")
            said.append(
                Message(
                    "“{term}” has no weight of its own: it follows from {others}.", term=term.name, others=of
                )
            )
        else:
            said.append(
                Message("“{term}” has no weight: it is the same of all that was open.", term=term.name)
            )
    said += [
        Message(
            "The weight of “{term}” has no bound in the orders: it tells every choice. Do not rely on it.",
            term=term.name,
        )
        for term in model.separated
    ]
    if model.place(TRUE_COST) >= 0 and model.weights[model.place(TRUE_COST)].high > 0:
        said.append(
            Message(
                "The true cost does not turn people away by more than chance, so weights are hard to tell as money. "
                "See whether fees, prices and the catalogue are those of the orders."
            )
        )
    return said
