"""Whether a model may be used: its verdict, from what its card's validation says in numbers, and
the refusal that a person may overrule. Pure.

The verdict belongs to one version of a model and goes with it: to its scores, groups, report, plan and approval.
"""

from __future__ import annotations

from dataclasses import dataclass

from telewave.kernel import Conflict, Estimate, Inconclusive, Label, Malformed, Message
from telewave.models.model import ModelCard, Trust, near_chance

TRAIN_ON_LATER = Message(
    "Training again on the same periods and newer ones does not lift this verdict: the first half stays "
    "foreign to the second. Train on later periods "
    "only, leaving out the as-of dates (or rows of an outside table) from before the change. If the model "
    "holds among those, the verdict is lifted."
)
LEARN_ELSE = Message(
    "Training again on the same variables will hardly help. Learn from more dates or rows, from other "
    "variables, or for another offer or audience."
)


class ModelNotToBeUsed(Conflict):
    """The verdict on the model {model} is not to use it. {why} Use another model, or say why you use it all the same:
    --despite-verdict "reason". The reason is kept and shown with what follows.
    """

    code = "model_not_to_be_used"


class NoReasonGiven(Malformed):
    """The reason to use the model despite its verdict is empty. Write it in words: --despite-verdict "reason"."""

    code = "no_reason_given"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """How far the version of a model may be used. `why`: what stops it, and `remedies`: what
    would lift that; both empty unless it is STOP.
    """

    name: str
    version: int | None
    trust: Trust
    why: tuple[Message | Label, ...]
    remedies: tuple[Message, ...]

    @property
    def model(self) -> Message | str:
        """Name and version of the model in words."""
        return model_words(self.name, self.version)

    @property
    def stops(self) -> bool:
        """Whether the model is not to be used."""
        return self.trust is Trust.STOP

    @property
    def sentence(self) -> Message:
        """The verdict in a sentence; `why` and `remedies` go with it."""
        match self.trust:
            case Trust.STOP:
                return Message("Verdict on the model {model}: do not use it.", model=self.model)
            case Trust.CAUTION:
                return Message("Verdict on the model {model}: use it with caution.", model=self.model)
            case Trust.NONE_AGAINST:
                return Message(
                    "Verdict on the model {model}: nothing speaks against using it.", model=self.model
                )


@dataclass(frozen=True, slots=True)
class Despite:
    """A person's decision to use a model against its verdict, kept with whatever is made by it."""

    model: str
    version: int | None
    why: tuple[Message | Label, ...]
    reason: str


def verdict_of(card: ModelCard) -> Verdict:
    """The verdict on the model that `card` describes."""
    refreshed, stale = card.validation.refreshed.auc, card.validation.trained_once
    why, remedies = [], []
    if (weak := refreshed_near_chance(refreshed)) is not None:
        why.append(weak)
        remedies.append(LEARN_ELSE)
    if stale is not None and (weak := stale_near_chance(stale.auc)) is not None:
        why.append(weak)
        if not remedies:
            remedies.append(TRAIN_ON_LATER)
    return Verdict(
        name=card.name, version=card.version, trust=card.trust, why=tuple(why), remedies=tuple(remedies)
    )


def refuse_unless_despite(verdict: Verdict, reason: str | None) -> Despite | None:
    """Nothing where the model may be used; the decision to use it all the same where `reason` says why.

    Raises `ModelNotToBeUsed` without one, `NoReasonGiven` for a blank one.
    """
    if reason is not None and not reason.strip():
        raise NoReasonGiven
    if not verdict.stops:
        return None
    if reason is None:
        raise ModelNotToBeUsed(model=verdict.model, why=joined(verdict.why))
    return Despite(verdict.name, verdict.version, verdict.why, reason.strip())


def model_words(name: str, version: int | None) -> Message | str:
    """A model as people call it: name and version; the name alone where it was never saved."""
    return name if version is None else Message("{name}, version {version}", name=name, version=version)


def joined(sentences: tuple[Message | Label, ...]) -> Message | Label | str:
    """One sentence after the other."""
    if not sentences:
        return ""
    first, *rest = sentences
    return first if not rest else Message("{one} {other}", one=first, other=joined(tuple(rest)))


def refreshed_near_chance(auc: Estimate | Inconclusive) -> Message | None:
    """What to say of a ranking that fails although it is refreshed at every step; None where it does not."""
    if not isinstance(auc, Estimate) or not near_chance(auc):
        return None
    if auc.low <= 0.5:
        return Message(
            "Even refreshed at every step the model cannot be told from chance (AUC {auc:.2f}). Do not use it.",
            auc=auc.value,
        )
    return Message(
        "Even refreshed at every step the model is hardly better than chance (AUC {auc:.2f}). Do not use it.",
        auc=auc.value,
    )


def stale_near_chance(auc: Estimate | Inconclusive) -> Message | None:
    """What to say of a ranking that fails once it is not refreshed; None where it does not."""
    if not isinstance(auc, Estimate) or not near_chance(auc):
        return None
    if auc.low <= 0.5:
        return Message(
            "Drift: a model trained once on the first half of the time ranks the second half no better than chance "
            "(AUC {auc:.2f}). Do not use it without refreshing it.",
            auc=auc.value,
        )
    return Message(
        "Drift: a model trained once on the first half of the time ranks the second half hardly better than chance "
        "(AUC {auc:.2f}). Do not use it without refreshing it.",
        auc=auc.value,
    )
