"""Learn from a home's contacts and orders what a contact does, keep it, and read it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from telewave.funnel.assumptions import UNGROUPED
from telewave.funnel.counting import People, alike, offers_known, people
from telewave.funnel.effect import adjusted, assumed
from telewave.funnel.learning import learnt_cells, tells
from telewave.funnel.model import Cell, Effect, Funnel, Question, Speaker
from telewave.funnel.organic import Organic, organic
from telewave.funnel.store import check_name, load, names, save
from telewave.kernel import Conflict, Estimate, Inconclusive, Malformed, Missing
from telewave.platform.home import Home
from telewave.platform.warehouse import Warehouse
from telewave.targeting.plan import Group

__all__ = ["Question", "kept", "learn", "load", "names", "saved"]

FOLDER = "funnels"


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


def learn(warehouse: Warehouse, question: Question, name: str) -> Funnel:
    """The funnel as of the question's date, under `name`, not kept yet.

    Raises `UnusableFunnelName`, `LearntTooEarly`, `OfferUnknown`, `NoContacts`, `NothingTold`, `NoEarlierGroups`.
    """
    check_name(name)
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
    effects = tuple(_effects(cells, everybody))
    return Funnel(name=name, version=None, question=asked, contacts=contacts, cells=cells, effects=effects)


def saved(home: Home, funnel: Funnel) -> Funnel:
    """Keep what was learnt as the next version of its name."""
    return save(home.settings.home / FOLDER, funnel, home.clock)


def kept(home: Home, name: str, version: int | None = None) -> Funnel:
    """What was learnt under `name`. Raises `NoSuchFunnel`, `DamagedFunnel`."""
    return load(home.settings.home / FOLDER, name, version)


def _checked(warehouse: Warehouse, question: Question) -> Question:
    if (question.as_of - question.since).days < max(1, question.days):
        raise LearntTooEarly(
            since=question.since.isoformat(), as_of=question.as_of.isoformat(), days=question.days
        )
    if question.offer and question.offer not in (known := offers_known(warehouse, question)):
        raise OfferUnknown(
            offer=question.offer, as_of=question.as_of.isoformat(), known=", ".join(known) or "-"
        )
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


def _effects(cells: Sequence[Cell], everybody: People | None) -> Iterator[Effect]:
    """One a channel and group; by comparison where the groups' people allow it, else assumed."""
    for channel, group in dict.fromkeys((cell.channel, cell.group) for cell in cells):
        mine = [cell for cell in cells if (cell.channel, cell.group) == (channel, group)]
        process = _together(mine)
        attempts = sum(cell.attempts for cell in mine)
        found = _compared(everybody, channel, group) if everybody is not None and attempts else None
        if found is None:
            yield Effect(
                channel=channel, group=group, speaker=Speaker.ASSUMED, estimate=assumed(process, None),
                process=process, organic=None, contacted=attempts, alone=0, beyond=None,
            )  # fmt: skip
            continue
        estimate, alone, contacted = found
        yield Effect(
            channel=channel, group=group, speaker=Speaker.ADJUSTED, estimate=estimate, process=process,
            organic=alone.take_up, contacted=contacted, alone=alone.take_up.n, beyond=alone.beyond,
        )  # fmt: skip


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


def _compared(everybody: People, channel: str, group: str) -> tuple[Estimate, Organic, int] | None:
    """People of the group contacted through this channel alone, beside those of it left alone."""
    chosen = (everybody.group == group) & np.isin(everybody.channel, [channel, ""])
    contacted, took = everybody.channel[chosen] == channel, everybody.took[chosen]
    score = everybody.score[chosen]
    found = organic(contacted, took, np.column_stack([score, score**2]))
    if isinstance(found, Inconclusive):
        return None
    return adjusted(contacted, took, found), found, int(contacted.sum())
