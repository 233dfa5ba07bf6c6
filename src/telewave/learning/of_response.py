"""The response model as a kind of what is learnt: who takes the offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from telewave.audiences.reading import read_rule
from telewave.audiences.rule import InAudience
from telewave.audiences.usecases import is_name, predicate
from telewave.features.usecases import open_wide, wide_dates
from telewave.kernel import Conflict, Message
from telewave.kernel.history import Use
from telewave.learning.households import households
from telewave.learning.model import Judged, Sort, Table, Version
from telewave.learning.port import Anew, Ask
from telewave.learning.response_judging import Later, judged
from telewave.learning.response_words import CHANGE_COLUMNS, change_rows
from telewave.models.model import ModelCard, Trust
from telewave.models.response import FittedResponse, TrainOptions
from telewave.models.target import Target
from telewave.models.training_tables import Audience, last_known_day, training_table
from telewave.models.usecases import (
    VariablesMissing,
    find,
    load,
    load_card,
    model_uses,
    next_moment,
    put_model_to_use,
    registered,
    save,
)
from telewave.models.validation import Forward
from telewave.platform.home import Home
from telewave.platform.progress import Progress


class NoLaterDates(Conflict):
    """The version of the response model {name} in use was learnt from outcomes before {learnt}, and outcomes are known
    to {last}. A new version and its judgement take two wide tables more, {days} days apart: build those of {learnt} and
    {later} with telewave features build --as-of, and come back when outcomes are known to {wanted}. Or name the day
    before which to learn: --as-of {learnt}
    """

    code = "no_later_dates"


class LearntFromOutside(Conflict):
    """The response model {name} was learnt from the outside table {samples}, whose rows have no later dates. Train it
    again on newer rows, under a name of its own: telewave train --samples TABLE --name NAME
    """

    code = "learnt_from_outside"


class Responses:
    """Response models of a home."""

    sort = Sort.RESPONSE

    def names(self, home: Home) -> list[str]:
        """All names of the registry."""
        return sorted({row.name for row in registered(home.database)})

    def versions(self, home: Home, name: str) -> list[Version]:
        """All versions, the oldest first."""
        numbers = [row.version for row in registered(home.database) if row.name == name]
        return [_version(self.load(home, name, number)) for number in numbers]

    def used(self, home: Home, name: str) -> int:
        """The version that scores are made by now."""
        return find(home.models, home.database, name).version

    def uses(self, home: Home, name: str) -> list[Use]:
        """Every time that one was put to use on purpose."""
        return model_uses(home.models, name)

    def put_to_use(self, home: Home, name: str, use: Use, after: int) -> None:
        """Use it from now on."""
        put_model_to_use(home.models, name, use, after)

    def learnt_anew(self, home: Home, name: str, ask: Ask) -> Anew:
        """As `train` learns, from the wide tables whose outcomes were known on the date. Raises `LearntFromOutside`,
        `NoLaterDates`, and as training does.
        """
        from telewave.models.training import train

        champion = load(home.models, home.database, name)
        target = champion.card.offered
        if target is None:
            raise LearntFromOutside(name=name, samples=champion.card.samples)
        end = last_known_day(home.warehouse) + timedelta(days=1)
        days, known = wide_dates(home.warehouse), _known_before(champion.card)
        as_of = ask.as_of or _day_to_learn_before(name, target, days, known, end)
        first = ask.since or _span(champion.card)[0]
        window = timedelta(days=target.window_days)
        learnt_on = [day for day in days if first <= day and day + window <= as_of]
        member = _audience(home, champion.card.audience)
        table = training_table(
            home.warehouse, target, learnt_on, open_wide, ask.progress, member,
            whom=champion.card.audience, before=as_of,
        )  # fmt: skip
        now = next_moment(home.database, name, home.clock.now())
        options = _options(champion.card, home.settings.threads)
        other = train(
            table, name=name, seed=champion.card.seed, now=now, progress=ask.progress, options=options
        )
        start = max(as_of, known)
        judging = tuple(day for day in days if start <= day and day + window <= end)
        return _Anew(
            home=home, one=champion, other=other, target=target, since=learnt_on[0], as_of=as_of, end=end,
            judging=judging, member=member, progress=ask.progress,
        )  # fmt: skip

    def load(self, home: Home, name: str, version: int) -> ModelCard:
        """The card of that version."""
        return load_card(home.models, home.database, name, version)

    def changes(self, champion: Any, challenger: Any) -> Table:
        """What each variable contributes, before and now."""
        return Table(columns=CHANGE_COLUMNS, rows=change_rows(champion, challenger))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Anew:
    """`one`: the champion, `other`: the challenger; `judging`: dates whose outcomes neither has seen and are known
    before `end`.
    """

    home: Home
    one: FittedResponse
    other: FittedResponse
    target: Target
    since: date
    as_of: date
    end: date
    judging: tuple[date, ...]
    member: Audience | None
    progress: Progress

    @property
    def champion(self) -> int:
        return self.one.card.version or 0

    @property
    def usable(self) -> bool:
        return self.other.card.trust is not Trust.STOP

    def keep(self) -> int:
        return save(self.other, self.home.models, self.home.database, self.home.clock).version

    def judge(self) -> Judged:
        """On everybody who could take it as of each date."""
        start = max(self.as_of, _known_before(self.one.card))
        none = np.zeros(0)
        parts = [self._as_of(place, day) for place, day in enumerate(self.judging)]
        columns = [
            np.concatenate([part[k] for part in parts]) if parts else none.astype(kind)
            for k, kind in enumerate((np.int64, float, float, bool, np.int64, float))
        ]
        place, champion, challenger, took, key, weight = columns
        end = self.judging[-1] + timedelta(days=self.target.window_days) if parts else start
        return judged(
            Later(
                first=start, end=end, dates=self.judging, date=place, champion=champion, challenger=challenger,
                took=took, household=households(self.home.warehouse, self.end, key), weight=weight,
            )
        )  # fmt: skip

    def _as_of(self, place: int, day: date) -> tuple[np.ndarray[Any, Any], ...]:
        """Of one date: its place, both chances, who took it, who he is, how many he stands for."""
        table = training_table(self.home.warehouse, self.target, [day], open_wide, self.progress, self.member)
        known = set(table.rows.column_names)
        for one in (self.one, self.other):
            if lacking := sorted(set(one.estimator.variables_) - known):
                raise VariablesMissing(model=one.name, names=", ".join(lacking))
        chances = [one.probabilities(table.rows) for one in (self.one, self.other)]
        weight = np.where(table.label, 1.0, table.other_weight)
        return np.full(len(table), place, np.int64), *chances, table.label, table.key, weight


def _day_to_learn_before(name: str, target: Target, days: Sequence[date], known: date, end: date) -> date:
    """The latest wide table that leaves one date to judge by, if there is something new to learn before it."""
    window = timedelta(days=target.window_days)
    judging = [day for day in days if day >= known and day + window <= end]
    new = [day for day in days if day > known - window and judging and day + window <= judging[-1]]
    if not new:
        raise NoLaterDates(
            name=name,
            learnt=known.isoformat(),
            last=(end - timedelta(days=1)).isoformat(),
            days=target.window_days,
            later=(known + window).isoformat(),
            wanted=(known + 2 * window - timedelta(days=1)).isoformat(),
        )
    return judging[-1]


def _span(card: ModelCard) -> tuple[date, date]:
    """The first and the last date that the model was learnt from."""
    told: Message = card.data_window
    return date.fromisoformat(str(told.values["first"])), date.fromisoformat(str(told.values["last"]))


def _known_before(card: ModelCard) -> date:
    """The first day of which the model knows no outcome."""
    window = card.offered.window_days if card.offered else 0
    return _span(card)[1] + timedelta(days=window)


def _version(card: ModelCard) -> Version:
    if card.offered is None:
        return Version(number=card.version or 0, records=card.n_train, since=None, before=None)
    return Version(
        number=card.version or 0, records=card.n_train, since=_span(card)[0], before=_known_before(card)
    )


def _options(card: ModelCard, threads: int) -> TrainOptions:
    """What `telewave train` was told for the champion."""
    return TrainOptions(
        forward=Forward(window=int(card.options.get("window", 0))),
        population_rate=card.population_rate,
        keep=frozenset(card.options.get("keep", ())),
        threads=threads,
    )


def _audience(home: Home, words: str) -> Audience | None:
    """Whom the champion was learnt from, by the words of its card: a rule, or a saved audience with its version."""
    if not words:
        return None
    name, _, rest = words.partition("/")
    number = rest.partition(":")[0]
    if is_name(name) and number.isdigit():
        return predicate(home.warehouse, home.database, InAudience(name, int(number)))
    return predicate(home.warehouse, home.database, read_rule(words))
