"""The choice model as a kind of what is learnt: which policy suits whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from telewave.choice.foreseeing import shown
from telewave.choice.model import ChoiceModel
from telewave.choice.usecases import (
    NoPoliciesOnOrders,
    choice_names,
    choice_uses,
    kept_choice,
    kept_choices,
    last_choice_day,
    learnt_choice,
    orders_taken,
    put_choice_to_use,
    saved_choice,
)
from telewave.kernel.history import Use
from telewave.learning.choice_judging import Later, judged, nothing_later
from telewave.learning.choice_words import CHANGE_COLUMNS, change_rows
from telewave.learning.deciding import NothingToJudgeBy
from telewave.learning.households import households
from telewave.learning.model import Judged, Sort, Table, Version
from telewave.learning.port import Anew, Ask
from telewave.offers.catalogue_file import catalogue_named
from telewave.offers.model import Catalogue
from telewave.platform.home import Home
from telewave.platform.progress import Progress

JUDGING_DAYS = 28
"""Days of orders that are left to judge by, where no date is given."""
SEED = 1


class Choices:
    """Choice models of a home."""

    sort = Sort.CHOICE

    def names(self, home: Home) -> list[str]:
        """All names under which a choice model is kept."""
        return choice_names(home.settings.home)

    def versions(self, home: Home, name: str) -> list[Version]:
        """All versions, the oldest first."""
        return [
            Version(
                number=one.version,
                records=one.orders,
                since=one.first,
                before=_known_before(one),
            )
            for one in kept_choices(home.settings.home, name)
        ]

    def used(self, home: Home, name: str) -> int:
        """The version that plans use now."""
        return kept_choice(home.settings.home, name).version

    def uses(self, home: Home, name: str) -> list[Use]:
        """Every time that one was put to use on purpose."""
        return choice_uses(home.settings.home, name)

    def put_to_use(self, home: Home, name: str, use: Use, after: int) -> None:
        """Use it from now on."""
        put_choice_to_use(home.settings.home, name, use, after)

    def learnt_anew(self, home: Home, name: str, ask: Ask) -> Anew:
        """As `choice learn` learns, from all orders before the date. Raises `NothingToJudgeBy` and as it does."""
        champion, catalogue = kept_choice(home.settings.home, name), catalogue_named(ask.catalogue)
        last = last_choice_day(home)
        if last is None:
            raise NoPoliciesOnOrders(orders=0)
        end, left, known = last + timedelta(days=1), timedelta(days=JUDGING_DAYS), _known_before(champion)
        if ask.as_of is None and end - left <= known:
            raise NothingToJudgeBy.of(self.sort, name, learnt=known, last=last, left=left)
        before = ask.as_of or end - left
        other = learnt_choice(
            home, catalogue, name, SEED, ask.progress, since=ask.since or date.min, before=before
        )
        return _Anew(
            home=home,
            one=champion,
            other=other,
            catalogue=catalogue,
            as_of=before,
            end=end,
            progress=ask.progress,
        )

    def load(self, home: Home, name: str, version: int) -> ChoiceModel:
        """The version."""
        return kept_choice(home.settings.home, name, version)

    def changes(self, champion: Any, challenger: Any) -> Table:
        """The weights, before and now."""
        return Table(columns=CHANGE_COLUMNS, rows=change_rows(champion, challenger))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Anew:
    """`one`: the champion, `other`: the challenger; orders on record end before `end`."""

    home: Home
    one: ChoiceModel
    other: ChoiceModel
    catalogue: Catalogue
    as_of: date
    end: date
    progress: Progress

    @property
    def champion(self) -> int:
        return self.one.version

    @property
    def since(self) -> date:
        return self.other.first

    @property
    def usable(self) -> bool:
        return self.other.verdict.used

    def keep(self) -> int:
        return saved_choice(self.home, self.other).version

    def judge(self) -> Judged:
        """On the orders after both, among what was open and at hand then."""
        start = max(self.as_of, _known_before(self.one))
        if start >= self.end:
            return nothing_later(start)
        taken = orders_taken(self.home, self.catalogue, self.progress, since=start, before=self.end)
        orders = shown(taken, self.catalogue)
        whose = households(self.home.warehouse, self.end, orders.subscriber)
        return judged(self.one, self.other, Later(first=start, end=self.end, orders=orders, household=whose))


def _known_before(model: ChoiceModel) -> date:
    """The day after the last order that the model was learnt from."""
    return model.last + timedelta(days=1)
