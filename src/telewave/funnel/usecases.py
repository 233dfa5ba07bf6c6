"""Learn from a home's contacts and orders what a contact does, keep it, and read it again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa

from telewave.funnel.assumptions import UNGROUPED
from telewave.funnel.circumstances import conditions
from telewave.funnel.comparing import combined, compared_effects
from telewave.funnel.counting import (
    alike,
    campaigns_drawn,
    each,
    first_drawn,
    last_day,
    made,
    offers_known,
    people,
)
from telewave.funnel.foretelling import who_is_willing
from telewave.funnel.hearing import recorded
from telewave.funnel.learning import learnt_cells, tells
from telewave.funnel.model import Funnel, Question
from telewave.funnel.store import FUNNELS, NoSuchFunnel, UnusableFunnelName
from telewave.kernel import Conflict, Malformed, Message, Missing
from telewave.kernel.history import Use
from telewave.platform.home import Home
from telewave.platform.warehouse import Warehouse
from telewave.targeting.plan import Group

__all__ = ["NoSuchFunnel", "Question", "UnusableFunnelName", "kept", "last_day", "learn", "saved"]


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
    effects = tuple(compared_effects(cells, everybody, asked))
    together = tuple(combined(everybody, effects, asked)) if everybody else ()
    heard = recorded(warehouse, asked) if asked.model else None
    return Funnel(
        name=name, version=None, question=asked, contacts=contacts, cells=cells, effects=effects,
        combined=together, willing=who_is_willing(heard, cells) if heard else None,
        conditions=conditions(made(warehouse, asked)),
    )  # fmt: skip


def saved(home: Home, funnel: Funnel) -> Funnel:
    """Keep what was learnt as the next version of its name."""
    return FUNNELS.save(home.settings.home, funnel.name, funnel, home.clock)


def kept(home: Path, name: str, version: int | None = None) -> Funnel:
    """What was learnt under `name`, in the folder `home`. Raises `NoSuchFunnel`, `DamagedFunnel`."""
    return FUNNELS.load(home, name, version)


def funnel_names(home: Path) -> list[str]:
    """All names under which a funnel is kept."""
    return FUNNELS.names(home)


def version_in_use(home: Path, name: str) -> int | None:
    """The version that was put to use on purpose; None: none was, and the newest is used."""
    return FUNNELS.in_use(home, name)


def uses(home: Path, name: str) -> list[Use]:
    """Every time that a version of the funnel was put to use, the oldest first."""
    return FUNNELS.uses(home, name)


def put_to_use(home: Path, name: str, use: Use, after: int) -> None:
    """Plans use this version from now on. Raises `FileIsThere` where another was put to use since."""
    FUNNELS.put_to_use(home, name, use, after)


def kept_versions(home: Path, name: str) -> list[Funnel]:
    """All versions of the funnel, the oldest first."""
    return [FUNNELS.load(home, name, number) for number in FUNNELS.numbers(home, name)]


def later_contacts(warehouse: Warehouse, question: Question) -> pa.Table:
    """The question's contacts one by one, as `counting.each` has them, in the groups of its first day or before.
    Raises `NoEarlierGroups`.
    """
    return each(warehouse, _with_groups(warehouse, question))


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
    return _with_groups(warehouse, question)


def _with_groups(warehouse: Warehouse, question: Question) -> Question:
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
