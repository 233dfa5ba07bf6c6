"""What a study of uplift says, in sentences that lead to a decision. Pure."""

from __future__ import annotations

from telewave.experiments.effect_words import difference_figure, places
from telewave.experiments.effects import Kind
from telewave.experiments.qini import Ranked
from telewave.experiments.splits import RESPONSE
from telewave.experiments.targets import Targets
from telewave.experiments.uplift_study import UpliftStudy
from telewave.kernel import Estimate, Figure, Inconclusive, Label, Message

NAMES = {
    "s": Label("S-learner (one model, the arm a variable)", "S-learner(单模型，分组作为变量)"),
    "t": Label("T-learner (a model for each arm)", "T-learner(每组一个模型)"),
    "dr": Label("DR-learner (doubly robust)", "DR-learner(双重稳健)"),
    RESPONSE: Label("By response (chance after contact)", "按响应概率(接触后办理的可能)"),
}
DEPTH = 0.3
"""How far down the list the headline looks."""
STRANGE = 0.05
"""Share of rows beyond the experiment from which on it is said."""


def whole_words(study: UpliftStudy) -> Message:
    """What contacting all did."""
    kind = Kind.RATE if study.rate else Kind.AMOUNT
    return Message(
        "Contacting all by {arm} changes {outcome} by {difference} ({unit}) against {control}.",
        arm=study.arm,
        outcome=study.outcome,
        difference=difference_figure(study.effect.difference, kind).shown,
        unit=Message("points") if study.rate else Message("a row"),
        control=study.control,
    )


def verdict_words(study: UpliftStudy) -> Message:
    """Whether targets may be chosen by effect."""
    chosen = study.chosen
    if isinstance(chosen.relative, Inconclusive):
        if study.justified:
            return Message(
                "The ranking by effect is better than lot, though contacting all may bring nothing: "
                "contact only the top of the list."
            )
        return Message(
            "No ranking by effect beats contacting all, or as many drawn by lot: this experiment shows "
            "neither an effect on the whole nor whom it moves. Do not choose by it."
        )
    value = relative_figure(chosen.relative).shown
    if chosen.better_than_lot and not study.justified:
        by_response = next(one for one in study.judged.rankings if one.name == RESPONSE)
        return Message(
            "No ranking by effect beats contacting all: its relative Qini is {value}, and the simpler "
            "ranking by response does no worse ({response}). Contact all if that pays; where not all can "
            "be contacted, choose by response.",
            value=value,
            response=relative_figure(by_response.relative).shown,
        )
    if not study.justified:
        return Message(
            "No ranking by effect beats contacting all, or as many drawn by lot: the relative Qini is "
            "{value}, which may be 0. Contact all if that pays; where not all can be contacted, choose by "
            "lot or by response, not by effect.",
            value=value,
        )
    best = next(share for depth, share in chosen.brought if depth == DEPTH)
    return Message(
        "Ranking by effect is better than lot: the relative Qini is {value}. Where not all can be "
        "contacted, begin at the top of this list: its best {depth:.0%} bring {share} of what contacting "
        "all brings.",
        value=value,
        depth=DEPTH,
        share=share_figure(best).shown,
    )


def beside_response(study: UpliftStudy) -> Message:
    """Whether choosing by effect is better than by response."""
    ahead = study.judged.ahead[RESPONSE]
    if ahead.low > 0:
        return Message("It is also better than choosing by response, who would answer anyway included.")
    return Message(
        "By how much it is better than choosing by response, this experiment cannot tell: the difference may be 0."
    )


def put_off_words(study: UpliftStudy) -> Message:
    """Whether anybody is better left alone."""
    if study.put_off is None:
        return Message(
            "Hardly anybody is predicted to be put off by the contact: leaving people out saves its cost, no more."
        )
    kind = Kind.RATE if study.rate else Kind.AMOUNT
    shown = difference_figure(study.put_off.difference, kind).shown
    if study.some_put_off:
        return Message(
            "{share:.0%} of the rows are predicted to be put off by the contact, and they are: "
            "{difference}. Leave them out.",
            share=study.put_off_share,
            difference=shown,
        )
    return Message(
        "{share:.0%} of the rows are predicted to be put off by the contact, but what came of them does "
        "not show it: {difference}. Leaving people out saves the contact's cost, no more.",
        share=study.put_off_share,
        difference=shown,
    )


def strange_words(targets: Targets, table: str) -> Message | None:
    """Whether so many rows lie beyond what the experiment saw that its ranking says little of them."""
    if not len(targets) or targets.strange < STRANGE * len(targets):
        return None
    return Message(
        "{share:.0%} of the rows of {table} hold a number or a word that nobody in the experiment had: "
        "what the contact does to them was never seen. Draw some of them by lot before relying on the list.",
        share=targets.strange / len(targets),
        table=table,
    )


def notes(study: UpliftStudy) -> list[Message]:
    """How the figures are to be read."""
    return [
        Message(
                "Each row is ranked by a learner that has not seen it, on {splits} splits of the rows into "
                "folds; figures are means over the splits, and intervals hold for what was learnt from the "
                "same experiment. The verdict is that of the learner named beforehand; the others stand beside "
                "it.",
            splits=study.splits),
        Message(
                "Relative Qini: the area between the ranking's curve and the straight line of contacting by "
                "lot, over the area under that line. 0: no better than by lot; 0.3: over all lengths of list, "
                "30 % more is brought than by as many drawn by lot."
            ),
        Message(
                "The effect on one person cannot be seen, only that on groups: the list says whom to contact "
                "first, not what each of them will do."
            ),
        Message("Learnt from: {columns}.", columns=list(study.used)),
        *study.left_out,
    ]  # fmt: skip


def relative_figure(relative: Estimate | Inconclusive) -> Figure:
    """A relative Qini with its interval, or a dash."""
    if isinstance(relative, Inconclusive):
        return Figure(relative, "–")
    form = f".{max(2, places(relative))}f"
    values = {name: format(getattr(relative, name), form) for name in ("value", "low", "high")}
    return Figure(relative, Message("{value} ({low} to {high})", **values))


def share_figure(share: Estimate) -> Figure:
    """A share of the whole effect with its interval."""
    values = {name: f"{getattr(share, name):.0%}" for name in ("value", "low", "high")}
    return Figure(share, Message("{value} ({low} to {high})", **values))


def area_figure(ranked: Ranked, rate: bool) -> Figure:
    """The area between curve and line: what is brought more than by lot, on average over all lengths of list."""
    return difference_figure(ranked.area, Kind.RATE if rate else Kind.AMOUNT)
