"""A model card on the terminal: sentences and tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from telewave.kernel import Estimate, Figure, Inconclusive, Message
from telewave.kernel.history import Use
from telewave.models.contributions import shared
from telewave.models.model import LeakFinding, ModelCard, RankingQuality, Trust
from telewave.models.store import Registered
from telewave.models.verdict import model_words, verdict_of
from telewave.models.wording import segments_told, where_high, with_names
from telewave.platform.terminal import Session, TableCell, Text

SHOWN = 12
_STYLES = {Trust.STOP: "bold red", Trust.CAUTION: "bold yellow", Trust.NONE_AGAINST: "green"}


def show_card(session: Session, card: ModelCard) -> None:
    """The whole card: what it predicts, how good it is on later periods, what to beware of, what it is made of."""
    session.say(
        Message(
            "Model {model}: {target}. Trained on {rows} rows with {takers} takers ({rate:.2%}); {window}.",
            model=model_words(card.name, card.version),
            target=with_names(card.target),
            rows=f"{card.n_train:,}",
            takers=f"{card.takers:,}",
            rate=card.base_rate,
            window=with_names(card.data_window),
        )
    )
    for sentence in made_of(card):
        session.say(sentence)
    for warning in card.validation.warnings:
        session.say(warning, style="bold red" if card.trust is Trust.STOP else "bold yellow")
    verdict = verdict_of(card)
    session.say(verdict.sentence, style=_STYLES[verdict.trust])
    for remedy in verdict.remedies:
        session.say(remedy)
    show_quality(session, card)
    show_leaks(session, card.leaks)
    shapes = {curve.variable.name: curve for curve in card.curves}
    rows: list[Sequence[TableCell]] = [
        (
            part.variable.label,
            Figure.of(part.share, ".6f"),
            shapes[part.variable.name].shape,
            where_high(shapes[part.variable.name]) or None,
        )
        for part in card.contributions[:SHOWN]
    ]
    columns = (
        Message("Variable"),
        Message("Contribution"),
        Message("Response over its range"),
        Message("High response"),
    )
    session.table(Message("What the ranking is made of"), columns, rows)
    for sentence in (*shared(card.contributions), *segments_told(card)):
        session.say(sentence)


def made_of(card: ModelCard) -> list[Message]:
    """Whom it learnt from, at which rate its probabilities are, and what set their level."""
    sentences = []
    if card.audience:
        sentences.append(Message("Learnt from the audience {audience}.", audience=card.audience))
    if card.population_rate is not None:
        sentences.append(
            Message(
                "Of the rows {rate:.2%} are takers, of everybody {population:.2%}: probabilities, response "
                "and quality are those of everybody.",
                rate=card.base_rate,
                population=card.population_rate,
            )
        )
    if card.calibration.method == "none":
        sentences.append(Message("Probabilities: as learnt; calibrating by the past was not shown to help."))
    else:
        sentences.append(
            Message("Probabilities: calibrated by the {n} rows judged last.", n=card.calibration.n)
        )
    return sentences


def warn_of_verdict(session: Session, card: ModelCard) -> None:
    """The verdict on a model that is not to be used, and what would lift it; nothing of others."""
    verdict = verdict_of(card)
    if verdict.stops:
        for sentence in (verdict.sentence, *verdict.why, *verdict.remedies):
            session.say(sentence, style=_STYLES[Trust.STOP])


def say_holders(session: Session, card: ModelCard, holders: int) -> None:
    """Who was not scored because they have the offer already; nothing where there are none."""
    if card.offered is not None and holders:
        session.say(
            Message(
                "Left out: {holders} subscribers who took {offer} before.",
                holders=f"{holders:,}",
                offer=card.offered.offer,
            )
        )


def say_other_audience(session: Session, learnt: str, scored: str) -> None:
    """A warning where others are scored than the model learnt from. Both in words; empty: everybody."""
    everybody = Message("everybody")
    session.say(
        Message(
            "The model learnt from {learnt}, and {scored} are scored: of others its probabilities may be wrong.",
            learnt=learnt or everybody,
            scored=scored or everybody,
        ),
        style="yellow",
    )


def show_quality(session: Session, card: ModelCard) -> None:
    """Quality on later periods, refreshed beside trained once."""
    ordered = card.validation.ordered
    how = Message("refreshed at every step") if ordered else Message("each part by a model of the others")
    judged: list[tuple[Text, RankingQuality]] = [(how, card.validation.refreshed)]
    if card.validation.trained_once is not None:
        judged.append((Message("trained once on the first half"), card.validation.trained_once))
    rows = [
        (
            name,
            Figure.of(q.n, "d"),
            Figure.of(q.takers, "d"),
            _shown(q.auc),
            _shown(q.lift_best_tenth),
            _shown(q.gain_best_half),
        )
        for name, q in judged
    ]
    columns = (
        Message("Judged on later periods") if ordered else Message("Judged on rows drawn at random"),
        Message("Rows"),
        Message("Takers"),
        Message("AUC"),
        Message("Lift of the best tenth"),
        Message("Takers in the best half"),
    )
    title = (
        Message("How good the ranking is on periods it has not seen")
        if ordered
        else Message("How good the ranking is on rows it has not seen")
    )
    session.table(title, columns, rows)


def show_leaks(session: Session, findings: Sequence[LeakFinding]) -> None:
    """What the leak screen stopped; nothing is printed if it found nothing."""
    for finding in findings:
        if not finding.variable:
            session.say(finding.evidence)
        elif finding.excluded:
            session.say(
                Message(
                    "Left out: {variable}. {evidence}", variable=finding.variable, evidence=finding.evidence
                )
            )


def show_models(session: Session, models: Sequence[tuple[Registered, Trust | None]]) -> None:
    """One line a registered version with its verdict; None: its card cannot be read."""
    if not models:
        session.say(Message("There are no models yet. Train one with: telewave train"))
        return
    columns = (
        Message("Model"),
        Message("Version"),
        Message("Trained"),
        Message("Predicts"),
        Message("AUC"),
        Message("Lift of the best tenth"),
        Message("Verdict"),
    )
    rows = [
        (
            m.name,
            m.version,
            session.clock.local(m.created_at),
            with_names(m.target),
            _number(m.metrics.get("auc")),
            _number(m.metrics.get("lift_best_tenth")),
            trust_words(trust),
        )
        for m, trust in models
    ]
    session.table(Message("Models"), columns, rows)


def say_in_use(session: Session, name: str, uses: Sequence[Use]) -> None:
    """Which version of the model was put to use on purpose; nothing where the newest is used."""
    if uses:
        session.say(
            Message(
                "Version {version} of the model {name} is in use since {at}, by {by}.",
                version=uses[-1].version,
                name=name,
                at=session.clock.local(uses[-1].at),
                by=uses[-1].by,
            )
        )


def trust_words(trust: Trust | None) -> Message:
    """A verdict in a word or two."""
    match trust:
        case None:
            return Message("not known")
        case Trust.STOP:
            return Message("do not use")
        case Trust.CAUTION:
            return Message("with caution")
        case Trust.NONE_AGAINST:
            return Message("nothing against it")
    assert_never(trust)


def _number(value: float | None) -> Figure:
    return Figure(value, Message("not known") if value is None else f"{value:.3f}")


def _shown(measure: Estimate | Inconclusive) -> Figure:
    if isinstance(measure, Inconclusive):
        return Figure(measure, measure.reason)
    return Figure(measure, f"{measure.value:.3f} ({measure.low:.3f}–{measure.high:.3f})")
