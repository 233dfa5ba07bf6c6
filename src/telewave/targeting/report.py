"""What the report says, as values: built from the model's card, the plan, the groups and their profiles. Pure.

Nothing is computed here that those do not already say, but for sums, ratios and orders of their numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from telewave.features.model import Variable
from telewave.kernel import Estimate, Inconclusive, Label, Message, Money
from telewave.models.contributions import shared
from telewave.models.model import (
    UNKNOWN_ROWS,
    Contribution,
    LeakFinding,
    ModelCard,
    OutsideRows,
    RankingQuality,
    RateUncertainty,
    ResponseCurve,
    Trust,
    thinly_judged,
)
from telewave.models.verdict import Verdict, verdict_of
from telewave.models.wording import quoted, segments_told, with_names
from telewave.targeting.case import Case, CaseContribution, by_measure, measure
from telewave.targeting.expectation import Depth, Part, expected_takers, lift_at
from telewave.targeting.groups import Cutoff
from telewave.targeting.incremental import profit_caused
from telewave.targeting.judged import Measure, measures
from telewave.targeting.plan import Group, Plan, Treatment
from telewave.targeting.profiles import GroupProfile, Profiles
from telewave.targeting.resemblance import Point, points_of
from telewave.targeting.sentences import ROWS, SUBSCRIBERS

MOST_REASONS = 12
MOST_CURVES = 8


LEARNT_FROM = Message(
    "The rows grouped here include those that the model learnt from, so their probabilities and expected "
    "takers look better than they would on new rows. Judge the model by the periods that it has not seen."
)


def ingested_again(samples: str) -> Message:
    """What is said of a table that goes by the name of the one learnt from, and was ingested again since."""
    return Message(
        "The outside table {name} has been ingested again since the model learnt from it. Rows that it had "
        "before look better than they would if they were new. Judge the model by the periods that it has not "
        "seen, or ingest new rows under a name of their own.",
        name=samples,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseClassRow:
    """One base class: its subscribers, how many of them have the offer, what share
    that is, and how many took it in the range.

    `subscribers`, `holders`, `penetration` are None for the net new, who had no class before.
    """

    name: Label
    subscribers: int | None
    holders: int | None
    penetration: Estimate | Inconclusive | None
    takers: int


@dataclass(frozen=True, slots=True)
class BaseClasses:
    """The base classes and those who came net new. Each taker from `since` on is in one of `rows`; `total` is all
    together.
    """

    since: date
    rows: tuple[BaseClassRow, ...]
    total: BaseClassRow


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSection:
    """One group: who decides its size, how it is approached, who is in it, and
    whether that is as the case describes it.

    `points` is empty where the case does not apply.
    """

    group: Group
    treatment: Treatment
    cutoff: Cutoff
    profile: GroupProfile
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """One measure behind the ranking: its share with all windows summed, the case's line for it, and the
    response curve of its strongest window. `part` is None for a measure of the case that the model does not use;
    `case` is None for one that the case lacks.
    """

    part: Contribution | None
    case: CaseContribution | None
    curve: ResponseCurve | None

    @property
    def label(self) -> Label:
        """The measure's name for people."""
        if self.case is not None:
            return self.case.label
        if self.part is None:
            raise AssertionError("a reason has a contribution, a line of the case, or both")
        return self.part.variable.label


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportContext:
    """Everything the report page shows.

    `offer`: what the offer (or outside table) is called. `model`, `version`, `target`, `data_window`,
    `trained_at`, `n_train`, `takers`, `base_rate`: from the model's card. `as_of`: None for an outside table.
    `verdict`: on this version of the model; `trust`: how loud the report must warn; `warnings`: the validation's,
    first on the page, and for an outside table that its own rows were learnt from. `leaks`: findings of the leak
    screen; `labels`: names of all variables of the scored table, those left out included. `groups`: core, normal,
    basic; `everybody`: all together; `plan`: the assumptions. `reasons`: by falling contribution, at most 12, and
    then what of the case is missing. `own_records`: the operator's own tables, not an outside one; `case`: the
    case that is shown beside the data. `curves`: response curves of the strongest measures. `quality`: on periods
    not seen, by measure; `refreshed`, `folds`: its curves and periods; `rate`: how sure the rate of takers is.
    `ordered`: it was judged forward in time; `learnt_from`: the model learnt from the rows grouped; `alike`:
    variables that share their contribution; `segments`: single values that hold a fifth of all takers.
    `base_classes`: None where not given. `simulated`: the records are made up.
    """

    model: str
    version: int | None
    verdict: Verdict
    offer: Label
    target: Message
    data_window: Message
    trained_at: datetime
    made_at: datetime
    n_train: int
    takers: int
    base_rate: float
    as_of: date | None
    simulated: bool
    trust: Trust
    warnings: tuple[Message, ...]
    leaks: tuple[LeakFinding, ...]
    labels: Mapping[str, Label]
    groups: tuple[GroupSection, ...]
    everybody: GroupProfile
    profiles: Profiles
    plan: Plan
    own_records: bool
    case: Case | None
    reasons: tuple[Reason, ...]
    curves: tuple[ResponseCurve, ...]
    quality: tuple[Measure, ...]
    refreshed: RankingQuality
    rate: RateUncertainty
    ordered: bool
    learnt_from: bool
    alike: tuple[Message, ...]
    segments: tuple[Message, ...]
    trained_once: RankingQuality | None
    folds: tuple[tuple[str, int, RankingQuality], ...]
    base_classes: BaseClasses | None

    @property
    def core(self) -> GroupSection:
        """The section of the core group."""
        return self.groups[0]

    @property
    def counted(self) -> Label:
        """What is grouped: subscribers, or the rows of an outside table."""
        return SUBSCRIBERS if self.own_records else ROWS

    @property
    def thin(self) -> bool:
        """Whether too little is known of the ranking to call its groups worth a contact."""
        return thinly_judged(self.refreshed)

    @property
    def channel(self) -> Label | None:
        """How the plan approaches the core group first of all."""
        return next(iter(self.plan.core.channels), None)

    @property
    def lift_at_core(self) -> Depth | None:
        """Lift on periods not seen, as deep into the list as core reaches."""
        return lift_at(self.refreshed, self.core.profile.n / self.everybody.n) if self.everybody.n else None

    def expected(self, group: Group | None) -> Estimate | Inconclusive:
        """Takers expected of a group, or of all together (None), with the range in which the number will lie.

        Not known of rows that the model learnt from: its probabilities flatter them.
        """
        if self.learnt_from:
            return Inconclusive(Message("the model has learnt from rows that are grouped here."))
        parts, start = [], 0
        for section in self.groups:
            end = start + section.profile.n
            if group in (None, section.group) and section.profile.n:
                n = self.everybody.n
                parts.append(Part(start / n, end / n, section.profile.expected_takers))
            start = end
        return expected_takers(parts, self.refreshed, self.rate)

    def caused(self, group: Group | None) -> tuple[float, float] | None:
        """Between how many takers the contacts of a group cause: `expected` in the proportion that the plan assumes;
        None where it is not known, or nobody is contacted.
        """
        told, profile = self.expected(group), self.profile(group)
        if isinstance(told, Inconclusive) or not profile.caused:
            return None
        share = profile.caused / profile.expected_takers
        return told.low * share, told.high * share

    def profit_range(self, group: Group | None) -> tuple[Money, Money] | None:
        """Profit caused by as many takers as the ends of `caused` say; None where they are not known."""
        ends, currency = self.caused(group), self.plan.currency
        if ends is None:
            return None
        margin, cost = float(self.plan.margin.minor), self.profile(group).cost.minor
        low, high = (Money(round(profit_caused(end, margin, cost)), currency) for end in ends)
        return low, high

    def profile(self, group: Group | None) -> GroupProfile:
        """The profile of a group, or of all together (None)."""
        return self.everybody if group is None else self.profiles.groups[group]


def report_context(
    card: ModelCard,
    *,
    plan: Plan,
    cutoffs: Mapping[Group, Cutoff],
    profiles: Profiles,
    as_of: date | None,
    made_at: datetime,
    simulated: bool = False,
    base_classes: BaseClasses | None = None,
    variables: Sequence[Variable] = (),
    title: Label | None = None,
    case: Case | None = None,
    rows_of: OutsideRows = UNKNOWN_ROWS,
) -> ReportContext:
    """Put together what the report shows. `case`: beside the operator's own tables (`as_of`
    given); `title`: else the offer's identifier.

    `rows_of`: the outside table that was grouped; one that has no name may be the one that the model learnt from.
    """
    own_records = as_of is not None
    case = case if own_records else None
    reasons = reasons_of(card, case)
    seen = None if own_records else _seen(card, rows_of)
    return ReportContext(
        **_told_by(card, title),
        made_at=made_at,
        as_of=as_of,
        simulated=simulated,
        trust=max(trust(card), Trust.CAUTION, key=list(Trust).index) if seen else trust(card),
        warnings=card.validation.warnings + ((seen,) if seen else ()),
        labels={v.name: v.label for v in variables},
        groups=_sections(plan, cutoffs, profiles, case),
        everybody=profiles.everybody,
        profiles=profiles,
        plan=plan,
        own_records=own_records,
        case=case,
        reasons=reasons,
        curves=tuple(r.curve for r in reasons if r.curve is not None and r.part is not None)[:MOST_CURVES],
        learnt_from=seen is not None,
        base_classes=base_classes,
    )


class _ToldByCard(TypedDict):
    """What of a `ReportContext` the model's card says alone."""

    model: str
    version: int | None
    verdict: Verdict
    offer: Label
    target: Message
    data_window: Message
    trained_at: datetime
    n_train: int
    takers: int
    base_rate: float
    leaks: tuple[LeakFinding, ...]
    quality: tuple[Measure, ...]
    refreshed: RankingQuality
    rate: RateUncertainty
    ordered: bool
    alike: tuple[Message, ...]
    segments: tuple[Message, ...]
    trained_once: RankingQuality | None
    folds: tuple[tuple[str, int, RankingQuality], ...]


def _told_by(card: ModelCard, title: Label | None) -> _ToldByCard:
    return _ToldByCard(
        model=card.name,
        version=card.version,
        verdict=verdict_of(card),
        offer=title or quoted(card.offered.offer if card.offered else card.name),
        target=with_names(card.target, title),
        data_window=with_names(card.data_window),
        trained_at=card.trained_at,
        n_train=card.n_train,
        takers=card.takers,
        base_rate=card.base_rate,
        leaks=card.leaks,
        quality=measures(card),
        refreshed=card.validation.refreshed,
        rate=card.rate,
        ordered=card.validation.ordered,
        alike=shared(card.contributions),
        segments=segments_told(card),
        trained_once=card.validation.trained_once,
        folds=tuple((fold.period, fold.n_train, fold.quality) for fold in card.validation.folds),
    )


def _seen(card: ModelCard, rows_of: OutsideRows) -> Message | None:
    """What is to be said where the model learnt from the rows that were grouped: the same
    content, whatever it is called; or the same name.
    """
    named_alike = not rows_of.samples or rows_of.samples == card.samples
    if not (rows_of.content and card.content):
        return LEARNT_FROM if named_alike else None
    if rows_of.content == card.content:
        return LEARNT_FROM
    return ingested_again(rows_of.samples) if named_alike else None


def _sections(
    plan: Plan, cutoffs: Mapping[Group, Cutoff], profiles: Profiles, case: Case | None
) -> tuple[GroupSection, ...]:
    return tuple(
        GroupSection(
            group=group,
            treatment=plan.treatment(group),
            cutoff=cutoffs[group],
            profile=profiles.groups[group],
            points=points_of(case, profiles, group),
        )
        for group in Group
    )


def trust(card: ModelCard) -> Trust:
    """How loud the report must warn: as far as the card says that the model may be used."""
    return card.trust


def reasons_of(card: ModelCard, case: Case | None) -> tuple[Reason, ...]:
    """The strongest measures, and after them those of the case that are not among them."""
    curves = {curve.variable.name: curve for curve in card.curves}
    parts = by_measure(card.contributions)
    every = [
        Reason(p, case.line_of(p.variable.name) if case else None, curves.get(p.variable.name)) for p in parts
    ]
    shown, rest = every[:MOST_REASONS], every[MOST_REASONS:]
    shown += [reason for reason in rest if reason.case is not None]
    used = {measure(p.variable.name) for p in parts}
    missing = [line for line in (case.contributions if case else ()) if line.measure not in used]
    shown += [Reason(None, line, None) for line in missing]
    return tuple(shown)
