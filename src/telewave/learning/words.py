"""A comparison in words and tables. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from telewave.kernel import Figure, Label, Message
from telewave.kernel.history import Use
from telewave.learning.funnel_words import most_telling
from telewave.learning.model import Judged, Part, Refit, Sort, Verdict, Version
from telewave.platform.answer import TableCell, Text

MINUTE = "%Y-%m-%d %H:%M"


def headline(refit: Refit) -> list[Message]:
    """The verdict, what it rests on, and what to do."""
    steps = [most_telling(refit.judged)] if refit.judged.steps else []
    return [_verdict(refit), *steps, _evidence(refit), *_beware(refit), next_words(refit)]


def _verdict(refit: Refit) -> Message:
    told = {
        "kind": refit.sort.nouns.title,
        "records": refit.sort.nouns.records,
        "challenger": refit.challenger,
        "champion": refit.champion,
        "name": refit.name,
    }
    match refit.judged.verdict:
        case Verdict.BETTER:
            return Message(
                "{kind} {name}: the version learnt anew ({challenger}) predicts later {records} better than the one in "
                "use ({champion}).",
                **told,
            )
        case Verdict.NOT_BETTER:
            return Message(
                "{kind} {name}: the version learnt anew ({challenger}) is not better than the one in use ({champion}).",
                **told,
            )
        case Verdict.UNTOLD:
            return Message(
                "{kind} {name}: whether the version learnt anew ({challenger}) is better than the one in use "
                "({champion}) cannot be told yet.",
                **told,
            )


def _evidence(refit: Refit) -> Message:
    judged, nouns = refit.judged, refit.sort.nouns
    gain = judged.gain
    if gain is None:
        return Message(
            "No {records} after both were learnt are on record (from {first} on): nothing can judge them yet.",
            records=nouns.records,
            first=judged.first.isoformat(),
        )
    return Message(
        "Judged on {n:,} {counted} of {households:,} households from {first} to before {end}, after both were learnt: "
        "the log loss of {one} falls by {gain:.5f} ({low:.5f} to {high:.5f}) from {loss:.5f}.",
        n=judged.records,
        counted=nouns.counted,
        households=judged.households,
        first=judged.first.isoformat(),
        end=judged.end.isoformat(),
        one=nouns.one,
        gain=gain.value,
        low=gain.low,
        high=gain.high,
        loss=judged.loss,
    )


def _beware(refit: Refit) -> list[Message]:
    """That the challenger by itself is not to be used."""
    if refit.usable:
        return []
    return [
        Message(
            "By its own validation version {challenger} is not to be used, whatever it is compared with; that goes "
            "with it: plans that rest on it say so.",
            challenger=refit.challenger,
        )
    ]


def next_words(refit: Refit) -> Message:
    """What to do after the comparison."""
    judged, told = refit.judged, {"name": refit.name, "option": refit.sort.option, "champion": refit.champion}
    if judged.verdict is Verdict.BETTER:
        return Message(
            'A second person may put it to use: telewave learning approve {name}{option} --by SECOND --reason "..."',
            name=refit.name,
            option=refit.sort.option,
        )
    if judged.verdict is Verdict.NOT_BETTER:
        return Message("Version {champion} stays in use; nothing is to be done.", champion=refit.champion)
    again = told | {"records": refit.sort.nouns.records, "as_of": refit.as_of.isoformat()}
    if judged.days_more is not None:
        return Message(
            "Version {champion} stays in use. At this pace it can be told after {days} more days of such {records}: "
            "run telewave learning refit {name}{option} --as-of {as_of} --by YOU then.",
            days=judged.days_more,
            **again,
        )
    if judged.told < judged.fewest:
        return Message(
            "Version {champion} stays in use. It takes {fewest} later {records} at least: run telewave learning refit "
            "{name}{option} --as-of {as_of} --by YOU when they are on record.",
            fewest=judged.fewest,
            **again,
        )
    return Message(
        "Version {champion} stays in use. So far the version learnt anew has not been the better one; more {records} "
        "of this kind will hardly change that.",
        champion=refit.champion,
        records=refit.sort.nouns.records,
    )


_LOSS = {
    Sort.FUNNEL: Message(
        "Both versions are judged on contacts that neither of them was learnt from: log loss is minus the "
        "logarithm of the chance that was given to what happened, summed over a contact's steps. "
        "The less, the better."
    ),
    Sort.CHOICE: Message(
        "Both versions are judged on orders that neither of them was learnt from: log loss is minus the logarithm of "
        "the chance that was given to the policy taken, among those that were open to its taker and at hand. The less, "
        "the better."
    ),
    Sort.RESPONSE: Message(
        "Both versions are judged on who took the offer after dates that neither of them was learnt from: log loss is "
        "minus the logarithm of the chance that was given to what each subscriber did. The less, the better."
    ),
}
_BESIDE = {
    Sort.FUNNEL: Message(
        "What is judged are the steps of a contact. What a contact adds beyond what would have come anyway is told "
        "by holdouts and comparisons, and goes with the version: where a campaign's holdout tells it, everybody is "
        "weighted by the chance, logged at the draw, of having been held out or not."
    ),
    Sort.CHOICE: Message(
        "What was at hand is told by the channel of an order, where the channel's orders are of what it sells. People "
        "who ordered nothing say nothing here."
    ),
    Sort.RESPONSE: Message(
        "A subscriber judged as of several dates counts once, with his household. What differs from month to month for "
        "everybody is in the interval only as far as several months judge."
    ),
}


def how(sort: Sort) -> list[Message]:
    """How it is reckoned."""
    return [
        _LOSS[sort],
        Message(
            "The interval holds however often the same version is judged anew as {records} come in. The {records} of a "
            "household count as one draw.",
            records=sort.nouns.records,
        ),
        Message(
            "A version replaces the one in use only where the whole interval is above 0 and a second person approves; "
            "the one before is kept and can be put to use again."
        ),
        _BESIDE[sort],
    ]


PART_COLUMNS: tuple[Text, ...] = (
    Message("Part"),
    Message("Later records"),
    Message("Log loss, in use"),
    Message("Log loss, learnt anew"),
    Message("Log loss less by"),
)
RANKED_COLUMNS: tuple[Text, ...] = (
    *PART_COLUMNS,
    Message("Takers"),
    Message("AUC, in use"),
    Message("AUC, learnt anew"),
)


def part_columns(judged: Judged) -> tuple[Text, ...]:
    """Heads of `part_rows`."""
    return RANKED_COLUMNS if any(one.took is not None for one in judged.parts) else PART_COLUMNS


def part_rows(judged: Judged) -> list[list[TableCell]]:
    """A row a part of the later records."""
    ranked = any(one.took is not None for one in judged.parts)
    return [_part(one, ranked=ranked) for one in judged.parts]


def _part(one: Part, *, ranked: bool) -> list[TableCell]:
    gain = one.champion - one.challenger
    row: list[TableCell] = [
        one.name,
        one.n,
        Figure(one.champion, f"{one.champion:.5f}"),
        Figure(one.challenger, f"{one.challenger:.5f}"),
        Figure(gain, f"{gain:+.5f}"),
    ]
    return [*row, one.took, _auc(one.champion_auc), _auc(one.challenger_auc)] if ranked else row


def _auc(value: float | None) -> TableCell:
    return None if value is None else Figure(value, f"{value:.3f}")


VERSION_COLUMNS: tuple[Text, ...] = (
    Message("Version"),
    Message("Records"),
    Message("From"),
    Message("Before"),
    Message("Learnt anew by"),
    Message("Judged"),
    Message("State"),
)


def version_rows(
    versions: Sequence[Version], refits: Sequence[Refit], uses: Sequence[Use], used: int
) -> list[list[TableCell]]:
    """A row a version, the oldest first, with its last verdict and how it stands."""
    last = {one.challenger: one for one in refits}
    put = {one.version for one in uses}
    return [
        [
            one.number,
            one.records,
            one.since,
            one.before,
            last[one.number].by if one.number in last else "",
            last[one.number].judged.verdict.label if one.number in last else "",
            _state(one.number, used, put),
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
    return [[f"{one.at:{MINUTE}}", one.version, one.by, reason_words(one)] for one in uses]


def reason_words(use: Use) -> Text:
    """Why it was put to use."""
    return Label(use.reason, _FIRST_ZH) if use.reason == FIRST_USE else use.reason


FIRST_USE = "in use when it was first compared"
"""The reason of the first entry, which nobody decides."""
_FIRST_ZH = "首次对比时正在使用"
