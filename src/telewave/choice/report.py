"""A choice model on the terminal, and the tables that its page shows as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telewave.choice.document import to_document
from telewave.choice.model import ChoiceModel
from telewave.choice.wording import (
    cell_words,
    decisions,
    exchange_terms,
    notes,
    speaking_words,
    unit_words,
    verdict_words,
    weighs_figure,
)
from telewave.kernel import Estimate, Figure, Message
from telewave.platform.terminal import Session, TableCell, Text
from telewave.targeting.sentences import percent


@dataclass(frozen=True, slots=True)
class Told:
    """A table with its title."""

    title: Text
    columns: Sequence[Text]
    rows: Sequence[Sequence[TableCell]]


def show_choice(session: Session, model: ChoiceModel) -> None:
    """The verdict, what to do, what moves whom, shares foreseen and seen, and what to know."""
    session.say(verdict_words(model), style="green" if model.verdict.used else "yellow")
    for sentence in decisions(model):
        session.say(sentence)
    for table in (
        judged_table(model),
        exchange_table(model),
        lead_table(model),
        share_table(model),
        weight_table(model),
    ):
        session.table(table.title, table.columns, table.rows)
    for note in notes(model):
        session.say(note)
    session.attach("choice_model", to_document(model))


def judged_table(model: ChoiceModel) -> Told:
    """The rules beside each other."""
    verdict = model.verdict
    columns = (Message("Rule"), Message("Bits an order (95 %)"), Message("What the model saves (95 %)"))
    rows = [
        (
            rule.label,
            _figure(bits, ".3f"),
            _figure(verdict.gains[rule], ".3f") if rule in verdict.gains else "",
        )
        for rule, bits in verdict.bits.items()
    ]
    title = Message("Judged on {judged:,} orders from {cut} on", judged=verdict.judged, cut=verdict.cut)
    return Told(title, columns, rows)


def exchange_table(model: ChoiceModel) -> Told:
    """What each term weighs to each class, in true cost."""
    terms = exchange_terms(model)
    heads = [
        Message("{term}, {unit}", term=term.name, unit=unit_words(term, model.currency)) for term in terms
    ]
    rows: list[list[TableCell]] = [
        [cell_words(one.cell), one.n, *(weighs_figure(model, one, term) for term in terms)]
        for one in model.classes
    ]
    title = Message("What it weighs as, in true cost of the device (95 %)")
    return Told(title, [Message("Class"), Message("Orders"), *heads], rows)


def lead_table(model: ChoiceModel) -> Told:
    """What to propose to each class first, and what to say."""
    columns = (
        Message("Class"),
        Message("Propose first"),
        Message("Share that takes it"),
        Message("What speaks for it"),
        Message("Say first"),
    )
    rows: list[list[TableCell]] = []
    for one in model.classes:
        policy = model.policies[one.lead.policy]
        said = policy.points[0] if policy.points else "–"
        share = Figure(one.lead.share, percent(one.lead.share))
        rows.append([cell_words(one.cell), policy.name, share, speaking_words(model, one), said])
    return Told(Message("What each class takes most, of those who may have it"), columns, rows)


def share_table(model: ChoiceModel) -> Told:
    """Shares of the policies among the judged orders, foreseen and seen."""
    columns = (Message("Policy"), Message("Share foreseen"), Message("Share seen"), Message("Orders"))
    total = model.verdict.judged
    rows: list[list[TableCell]] = [
        [
            one.name,
            Figure(one.predicted, percent(one.predicted)),
            Figure(one.seen / total, percent(one.seen / total)),
            one.seen,
        ]
        for one in sorted(model.policies, key=lambda one: -one.seen)
    ]
    return Told(Message("Foreseen from earlier orders, and seen"), columns, rows)


def weight_table(model: ChoiceModel) -> Told:
    """The common weights."""
    columns = (Message("Term"), Message("Weight of"), Message("Weight (95 %)"))
    rows: list[list[TableCell]] = [
        [term.name, unit_words(term, model.currency), _figure(weight, ".3f")]
        for term, weight in zip(model.terms, model.weights, strict=True)
    ]
    return Told(Message("Weights of all classes together (of the log odds)"), columns, rows)


def _figure(found: Estimate, form: str) -> Figure:
    ends = Message("{value} ({low} to {high})", value=format(found.value, form),
                   low=format(found.low, form), high=format(found.high, form))  # fmt: skip
    return Figure(found, ends)
