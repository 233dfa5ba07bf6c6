"""The model version behind the scores that a campaign is planned by, and what a plan must know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telewave.kernel import Label, Message
from telewave.models.model import Trust
from telewave.models.verdict import Despite, Verdict, joined
from telewave.planning.control_groups import ALONE
from telewave.platform.languages import LANGUAGES, render


@dataclass(frozen=True, kw_only=True, slots=True)
class Scorer:
    """`window_days`: within which the probability is that of taking; `products`: names under which its target is
    ordered; `rate_error`: standard error of the logarithm of its rate; `verdict`: None where it is not known;
    `despite`: why it is used against its verdict, where it is.
    """

    window_days: int = ALONE.window_days
    products: tuple[str, ...] = ()
    rate_error: float = 0.0
    verdict: Verdict | None = None
    despite: Despite | None = None

    @property
    def cautions(self) -> tuple[Message | Label, ...]:
        """What a reader of the plan must know of the model; nothing where nothing speaks against it."""
        if self.verdict is None or self.verdict.trust is Trust.NONE_AGAINST:
            return ()
        said = (self.verdict.sentence, *self.verdict.why)
        if self.despite is None:
            return said
        return (*said, Message("It is used all the same: {reason}", reason=self.despite.reason))


def verdict_written(scorer: Scorer) -> dict[str, Any] | None:
    """The verdict as the plan's document keeps it, in both languages; None where it is not known."""
    verdict = scorer.verdict
    if verdict is None:
        return None
    return {
        "model": verdict.name,
        "version": verdict.version,
        "trust": verdict.trust.value,
        "why": {one: render(joined(verdict.why), one) for one in LANGUAGES},
        "despite": None if scorer.despite is None else scorer.despite.reason,
    }


def verdict_read(content: dict[str, Any]) -> Verdict | None:
    """The verdict that a plan's document keeps; None where it keeps none."""
    told = content.get("verdict")
    if told is None:
        return None
    why = Label(told["why"]["en"], told["why"]["zh"])
    return Verdict(
        name=told["model"],
        version=told["version"],
        trust=Trust(told["trust"]),
        why=(why,) if why.en else (),
        remedies=(),
    )
