"""A comparison in words and tables. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from telewave.funnel.model import Cell, Funnel
from telewave.funnel.steps import CHANNEL_LABELS
from telewave.funnel.wording import covers_words, figure, group_words, percent, step_words
from telewave.kernel import Figure, Label, Message
from telewave.kernel.history import Use
from telewave.learning.judging import EXPECTED, FEWEST
from telewave.learning.model import Judged, Refit, StepScore, Verdict
from telewave.platform.answer import TableCell, Text

MINUTE = "%Y-%m-%d %H:%M"


def headline(refit: Refit) -> list[Message]:
    """The verdict, what it rests on, and what to do."""
    steps = [_most(refit.judged)] if refit.judged.steps else []
    return [_verdict(refit), *steps, _evidence(refit.judged), _next(refit)]


def _most(judged: Judged) -> Message:
    """The step that weighs most, in plain figures."""
    one = max(judged.steps, key=lambda step: abs(step.gain) * step.n)
    return Message(
        "It shows most at {channel}, {step}: {took} really did; the one in use had predicted {champion}, the one "
        "learnt anew {challenger}.",
        channel=CHANNEL_LABELS[one.channel],
        step=covers_words(one.covers),
        took=percent(one.took),
        champion=percent(one.champion),
        challenger=percent(one.challenger),
    )


def _verdict(refit: Refit) -> Message:
    both = {"challenger": refit.challenger, "champion": refit.champion, "name": refit.name}
    match refit.judged.verdict:
        case Verdict.BETTER:
            return Message(
                "Funnel {name}: the version learnt anew ({challenger}) predicts later contacts better than the one "
                "in use ({champion}).",
                **both,
            )
        case Verdict.NOT_BETTER:
            return Message(
                "Funnel {name}: the version learnt anew ({challenger}) is not better than the one in use ({champion}).",
                **both,
            )
        case Verdict.UNTOLD:
            return Message(
                "Funnel {name}: whether the version learnt anew ({challenger}) is better than the one in use "
                "({champion}) cannot be told yet.",
                **both,
            )


def _evidence(judged: Judged) -> Message:
    gain = judged.gain
    if gain is None:
        return Message(
            "No contact after both were learnt is on record (from {first} on): nothing can judge them yet.",
            first=judged.first.isoformat(),
        )
    return Message(
        "Judged on {contacts:,} contacts of {households:,} households from {first} to before {end}, after both were "
        "learnt: the log loss of a contact falls by {gain:.4f} ({low:.4f} to {high:.4f}) from {loss:.4f}.",
        contacts=judged.contacts,
        households=judged.households,
        first=judged.first.isoformat(),
        end=judged.end.isoformat(),
        gain=gain.value,
        low=gain.low,
        high=gain.high,
        loss=judged.loss,
    )


def _next(refit: Refit) -> Message:
    judged = refit.judged
    if judged.verdict is Verdict.BETTER:
        return Message(
            'A second person may put it to use: telewave learning approve {name} --by SECOND --reason "..."',
            name=refit.name,
        )
    if judged.verdict is Verdict.NOT_BETTER:
        return Message("Version {champion} stays in use; nothing is to be done.", champion=refit.champion)
    if judged.days_more is not None:
        return Message(
            "Version {champion} stays in use. At this pace it can be told after {days} more days of such contacts: run "
            "telewave learning refit {name} --as-of {as_of} --by YOU then.",
            champion=refit.champion,
            days=judged.days_more,
            name=refit.name,
            as_of=refit.as_of.isoformat(),
        )
    if judged.contacts < FEWEST:
        return Message(
            "Version {champion} stays in use. It takes {fewest} later contacts at least, usually some {expected:,}: "
            "run telewave learning refit {name} --as-of {as_of} --by YOU when they are on record.",
            champion=refit.champion,
            fewest=FEWEST,
            expected=EXPECTED,
            name=refit.name,
            as_of=refit.as_of.isoformat(),
        )
    return Message(
        "Version {champion} stays in use. So far the version learnt anew has not been the better one; more contacts of "
        "this kind will hardly change that.",
        champion=refit.champion,
    )


def how() -> list[Message]:
    """How it is reckoned."""
    return [
        Message(
            "Both versions are judged on contacts that neither of them was learnt from: log loss is minus the "
            "logarithm of the chance that was given to what happened, summed over a contact's steps. "
            "The less, the better."
        ),
        Message(
            "The interval holds however often the same version is judged anew as contacts come in. The contacts of a "
            "household count as one draw."
        ),
        Message(
            "A version replaces the one in use only where the whole interval is above 0 and a second person approves; "
            "the one before is kept and can be put to use again."
        ),
        Message(
            "What is judged are the steps of a contact. What a contact adds beyond what would have come anyway is told "
            "by holdouts and comparisons, and goes with the version."
        ),
    ]


SCORE_COLUMNS: tuple[Text, ...] = (
    Message("Channel"),
    Message("Step"),
    Message("Later contacts that could take it"),
    Message("Took it"),
    Message("Predicted by the one in use"),
    Message("Predicted by the one learnt anew"),
    Message("Brier, in use"),
    Message("Brier, learnt anew"),
    Message("Log loss less by"),
)


def score_rows(judged: Judged) -> list[list[TableCell]]:
    """A row a step that later contacts tell of."""
    return [_score(one) for one in judged.steps]


def _score(one: StepScore) -> list[TableCell]:
    return [
        CHANNEL_LABELS[one.channel],
        covers_words(one.covers),
        one.n,
        Figure(one.took, percent(one.took)),
        Figure(one.champion, percent(one.champion)),
        Figure(one.challenger, percent(one.challenger)),
        Figure(one.champion_brier, f"{one.champion_brier:.4f}"),
        Figure(one.challenger_brier, f"{one.challenger_brier:.4f}"),
        Figure(one.gain, f"{one.gain:+.4f}"),
    ]


CHANGE_COLUMNS: tuple[Text, ...] = (
    Message("Channel"),
    Message("Group"),
    Message("Offer"),
    Message("Step"),
    Message("In use (95 %)"),
    Message("Learnt anew (95 %)"),
    Message("Records before"),
    Message("Records now"),
)


def change_rows(champion: Funnel, challenger: Funnel) -> list[list[TableCell]]:
    """A row a step of every cell with contacts in either version, where both tell the same steps together."""
    before = {_key(one): one for one in champion.cells}
    pairs = [(before[_key(one)], one) for one in challenger.cells if _key(one) in before]
    return [row for was, now in pairs if was.attempts or now.attempts for row in _changes(was, now)]


def _key(cell: Cell) -> tuple[str, str, str]:
    return cell.channel, cell.group, cell.offer


def _changes(was: Cell, now: Cell) -> Iterator[list[TableCell]]:
    old = {one.covers: one for one in was.steps}
    for step in now.steps:
        if step.covers in old:
            yield [
                CHANNEL_LABELS[now.channel],
                group_words(now.group),
                now.offer or Label("any", "任意"),
                step_words(step),
                figure(old[step.covers].estimate),
                figure(step.estimate),
                old[step.covers].estimate.n,
                step.estimate.n,
            ]


VERSION_COLUMNS: tuple[Text, ...] = (
    Message("Version"),
    Message("Contacts"),
    Message("From"),
    Message("Before"),
    Message("Learnt anew by"),
    Message("Judged"),
    Message("State"),
)


def version_rows(
    versions: Sequence[Funnel], refits: Sequence[Refit], uses: Sequence[Use], used: int
) -> list[list[TableCell]]:
    """A row a version, the oldest first, with its last verdict and how it stands."""
    last = {number: list(mine)[-1] for number, mine in groupby(refits, key=lambda one: one.challenger)}
    put = {one.version for one in uses}
    return [
        [
            one.version,
            one.contacts,
            one.question.since,
            one.question.as_of,
            last[one.version].by if one.version in last else "",
            last[one.version].judged.verdict.label if one.version in last else "",
            _state(one.version or 0, used, put),
        ]
        for one in versions
    ]


def _state(version: int, used: int, put: set[int]) -> Label:
    if version == used:
        return Label("in use", "使用中")
    return Label("was in use", "曾使用") if version in put else Label("kept", "已保存")


USE_COLUMNS: tuple[Text, ...] = (
    Message("When"),
    Message("Version"),
    Message("Put to use by"),
    Message("Reason"),
)


def use_rows(uses: Sequence[Use]) -> list[list[TableCell]]:
    """A row each time that a version was put to use."""
    return [[f"{one.at:{MINUTE}}", one.version, one.by, _reason(one)] for one in uses]


def _reason(use: Use) -> Text:
    return Label(use.reason, _FIRST_ZH) if use.reason == FIRST_USE else use.reason


FIRST_USE = "in use when it was first compared"
"""The reason of the first entry, which nobody decides."""
_FIRST_ZH = "首次对比时正在使用"
