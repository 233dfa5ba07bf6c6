"""Learn from a home's contacts and orders what a contact does, keep it, and read it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from telewave.funnel.assumptions import UNGROUPED
from telewave.funnel.counting import People, alike, campaigns_drawn, first_drawn, offers_known, people
from telewave.funnel.effect import adjusted, assumed, of_the_contacted
from telewave.funnel.landmarks import watched
from telewave.funnel.learning import learnt_cells, tells
from telewave.funnel.model import Cell, Effect, Funnel, Question, Speaker
from telewave.funnel.organic import Organic, organic
from telewave.funnel.store import FUNNELS
from telewave.kernel import Conflict, Estimate, Inconclusive, Malformed, Message, Missing
from telewave.platform.home import Home
from telewave.platform.warehouse import Warehouse
from telewave.targeting.plan import Group

__all__ = ["Question", "kept", "learn", "saved"]

ONE_CHANNEL = 0.95
"""Share of the contacted that one channel must have reached for a lot to speak of it."""


class NoContacts(Missing):
    """There are no contacts from {since} to {as_of}{of_offer}. Ingest the table `contacts`, or choose other days."""

    code = "no_contacts"


class NothingTold(Conflict):
    """The contacts from {since} to {as_of} say of no step whether it was taken: their outcomes do not fit their
    channels. Look at the mapping of `disposition`.
    """

    code = "nothing_told"


class OfferUnknown(Missing):
    """There are neither contacts nor orders of {offer} before {as_of}. Choose one of: {known}."""

    code = "offer_unknown"


class LearntTooEarly(Malformed):
    """From {since} to {as_of} no contact has had {days} days in which an order may follow. Choose a later date, an
    earlier first day, or fewer days.
    """

    code = "learnt_too_early"


class NoEarlierGroups(Missing):
    """The model {model} has no groups as of {since} or before, and later ones know what the contacts did. Run telewave
    score and telewave group as of such a day, or learn without --model.
    """

    code = "no_earlier_groups"


class NoDraw(Missing):
    """The campaign {campaign} has drawn no holdout. Choose one of: {known}."""

    code = "no_draw"


class DrawnTooLate(Malformed):
    """The holdout of the campaign {campaign} was first drawn as of {drawn}, but the contacts are judged from {since}:
    those before the draw were made without regard to it. Choose --since {drawn} or a later day, or learn without
    --campaign.
    """

    code = "drawn_too_late"


class DrawWithoutModel(Malformed):
    """The holdout of the campaign {campaign} is compared within groups. Name a model with --model too."""

    code = "draw_without_model"


def learn(warehouse: Warehouse, question: Question, name: str) -> Funnel:
    """The funnel as of the question's date, under `name`, not kept yet.

    Raises `UnusableFunnelName`, `LearntTooEarly`, `OfferUnknown`, `NoContacts`, `NothingTold`, `NoEarlierGroups`,
    `NoDraw`, `DrawnTooLate`, `DrawWithoutModel`.
    """
    FUNNELS.check_name(name)
    asked = _checked(warehouse, question)
    records = alike(warehouse, asked)
    if not records:
        raise NoContacts(
            since=asked.since.isoformat(),
            as_of=asked.as_of.isoformat(),
            of_offer=asked.offer and f" ({asked.offer})",
        )
    if not tells(records):
        raise NothingTold(since=asked.since.isoformat(), as_of=asked.as_of.isoformat())
    shown = [group.value for group in Group] if asked.model else [UNGROUPED]
    cells = learnt_cells(records, shown)
    everybody = people(warehouse, asked) if asked.model else None
    contacts = sum(one.n for one in records)
    effects = tuple(_effects(cells, everybody, asked))
    return Funnel(name=name, version=None, question=asked, contacts=contacts, cells=cells, effects=effects)


def saved(home: Home, funnel: Funnel) -> Funnel:
    """Keep what was learnt as the next version of its name."""
    return FUNNELS.save(home.settings.home, funnel.name, funnel, home.clock)


def kept(home: Path, name: str, version: int | None = None) -> Funnel:
    """What was learnt under `name`, in the folder `home`. Raises `NoSuchFunnel`, `DamagedFunnel`."""
    return FUNNELS.load(home, name, version)


def damaged_funnels(home: Path) -> Iterator[Message]:
    """What is to be said of each funnel in the folder `home` that cannot be read."""
    return FUNNELS.damaged(home)


def _checked(warehouse: Warehouse, question: Question) -> Question:
    if (question.as_of - question.since).days < max(1, question.days):
        raise LearntTooEarly(
            since=question.since.isoformat(), as_of=question.as_of.isoformat(), days=question.days
        )
    if question.offer and question.offer not in (known := offers_known(warehouse, question)):
        raise OfferUnknown(
            offer=question.offer, as_of=question.as_of.isoformat(), known=", ".join(known) or "-"
        )
    if question.campaign and question.campaign not in (drawn := campaigns_drawn(warehouse)):
        raise NoDraw(campaign=question.campaign, known=", ".join(drawn) or "-")
    if question.campaign and (day := first_drawn(warehouse, question.campaign)) > question.since.isoformat():
        raise DrawnTooLate(campaign=question.campaign, drawn=day, since=question.since.isoformat())
    if question.campaign and not question.model:
        raise DrawWithoutModel(campaign=question.campaign)
    if not question.model:
        return question
    days = [
        key
        for key in warehouse.manifest(f"groups.{question.model}").partitions
        if key <= question.since.isoformat()
    ]
    if not days:
        raise NoEarlierGroups(model=question.model, since=question.since.isoformat())
    return replace(question, groups_as_of=date.fromisoformat(max(days)))


def _effects(cells: Sequence[Cell], everybody: People | None, question: Question) -> Iterator[Effect]:
    """One a channel and group: by lot where there was one, else by comparison, else assumed."""
    for channel, group in dict.fromkeys((cell.channel, cell.group) for cell in cells):
        process = _together([cell for cell in cells if (cell.channel, cell.group) == (channel, group)])
        if everybody is None or not process.n:
            yield _assumed(channel, group, process)
        else:
            yield _judged(everybody, question, channel, group, process)


def _assumed(channel: str, group: str, process: Estimate) -> Effect:
    return Effect(
        channel=channel, group=group, speaker=Speaker.ASSUMED, estimate=assumed(process, None), process=process,
        organic=None, contacted=process.n, alone=0, beyond=None,
    )  # fmt: skip


def _judged(everybody: People, question: Question, channel: str, group: str, process: Estimate) -> Effect:
    """By the surest of the three that can speak."""
    found, lot = _compared(everybody, question, channel, group), _by_lot(everybody, channel, group)
    if found is None and lot is None:
        return _assumed(channel, group, process)
    compared, alone, contacted = found or (None, None, process.n)
    return Effect(
        channel=channel,
        group=group,
        speaker=Speaker.RANDOMISED if lot else Speaker.ADJUSTED,
        estimate=lot or compared or assumed(process, None),
        process=process,
        organic=alone.take_up if alone else None,
        contacted=contacted,
        alone=alone.take_up.n if alone else 0,
        beyond=alone.beyond if alone and not lot else None,
        overlap=_sides(alone) if alone and not lot else None,
    )


def _sides(found: Organic) -> tuple[tuple[int, ...], tuple[int, ...]]:
    contacted, alone = found.overlap.tolist()
    return tuple(contacted), tuple(alone)


def _by_lot(everybody: People, channel: str, group: str) -> Estimate | None:
    """From the campaign's holdout, where the contacts of the group went through this channel."""
    chosen = (everybody.group == group) & (everybody.kept > 0) & (everybody.kept < 1)
    through, assigned = everybody.channel[chosen], ~everybody.held[chosen]
    contacted = through != ""
    if not contacted.any() or (through[contacted] == channel).mean() < ONE_CHANNEL:
        return None
    score = everybody.score[chosen][:, None]
    return of_the_contacted(assigned, contacted, everybody.took[chosen], everybody.kept[chosen], score)


def _together(cells: Sequence[Cell]) -> Estimate:
    """Orders a contact over the offers of a channel and group, weighted by their attempts; limits likewise, which is
    wider than independent cells would be.
    """
    weights = np.array([cell.attempts for cell in cells], dtype=np.float64)
    weights = weights / weights.sum() if weights.sum() else np.full(len(cells), 1 / len(cells))
    found = [cell.ordered for cell in cells]
    value, low, high = (
        float(weights @ [getattr(one, name) for one in found]) for name in ("value", "low", "high")
    )
    return Estimate(
        value=value, low=low, high=high, n=sum(cell.attempts for cell in cells), method=found[0].method
    )


def _compared(
    everybody: People, question: Question, channel: str, group: str
) -> tuple[Estimate, Organic, int] | None:
    """People of the group contacted through this channel alone, beside those of it left alone, each watched as long."""
    chosen = (everybody.group == group) & np.isin(everybody.channel, [channel, ""])
    seen = watched(
        everybody.person[chosen],
        everybody.contacted_on[chosen],
        everybody.ordered_on[chosen],
        name=f"{channel}/{group}",
        days=question.days,
        end=(question.as_of - question.since).days,
    )
    contacted, took, score = seen.contacted, seen.took, everybody.score[chosen][seen.place]
    found = organic(contacted, took, np.column_stack([score, score**2]))
    if isinstance(found, Inconclusive):
        return None
    return adjusted(contacted, took, found), found, int(contacted.sum())
