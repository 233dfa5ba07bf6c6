"""What stocks and quotas leave for those whom contacts bring in addition, and plans that keep it exactly. Pure.

Organic takers buy whether they are contacted or not, so what they are expected to take over the campaign comes
off first; a contact uses what it adds to the chance of taking. The allocation counts this by the mean of a
class; here it is counted contact by contact.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.model import NOTHING, Choices
from telewave.briefs.model import Brief
from telewave.kernel import Label
from telewave.offers.model import Offer
from telewave.planning.options import Chances, Flags, Floats, Options

DUST = 1e-9


@dataclass(frozen=True, eq=False, slots=True)
class Stock:
    """Pieces that expected sales of the options `counted`, shape (m,), use up.
    `amount`: what organic takers leave of `whole`.
    """

    name: Label
    counted: Flags
    whole: float
    amount: float


def stocks_of(
    brief: Brief, options: Options, whole: Chances, window_days: int, since: date | None = None
) -> tuple[Stock, ...]:
    """All stocks and daily quotas that expected sales use up. `whole`: of everybody, contacted or not;
    organic takers spread over the offers by taste. `since`: the first day whose sales are still to come, where stocks
    are what earlier ones have left.
    """
    first, last = max(brief.first, since or brief.first), brief.last
    found = []
    if brief.device_stock is not None:
        organic = float(whole.organic.sum()) * ((last - first).days + 1) / window_days
        everything = np.ones(len(options.options), bool)
        found.append(_left(Label("Devices in stock", "终端库存"), everything, brief.device_stock, organic))
    by_offer = _organic_by_offer(whole) / window_days
    for number, offer in enumerate(options.offers):
        mine = options.offer_codes == number
        if offer.quotas.stock is not None:
            organic = float(by_offer[:, number] @ _days_on_sale(offer, options, brief, first))
            name = Label(f"Stock of {offer.name.en}", f"{offer.name.zh}库存")
            found.append(_left(name, mine, offer.quotas.stock, organic))
        if offer.quotas.a_day is not None:
            for p, phase in enumerate(brief.phases):
                days = (phase.days.last - phase.days.first).days + 1
                name = Label(
                    f"Daily quota of {offer.name.en}, {phase.days.name.en}",
                    f"{offer.name.zh}每日限量，{phase.days.name.zh}",
                )
                these = mine & (options.phase_codes == p)
                organic = by_offer[options.moment_of_phase[p], number] * days
                found.append(_left(name, these, offer.quotas.a_day * days, organic))
    return tuple(found)


def _left(name: Label, counted: Flags, whole: float, organic: float) -> Stock:
    return Stock(name, counted, float(whole), max(0.0, whole - organic))


def _organic_by_offer(whole: Chances) -> Floats:
    """Expected organic takers of each offer in the model's window, as offers compare at each moment, shape (moments,
    offers).
    """
    found = np.empty((len(whole.taste), whole.taste.shape[2]))
    for moment, taste in enumerate(whole.taste):
        total = taste.sum(1)
        found[moment] = np.divide(whole.organic, total, out=np.zeros(len(total)), where=total > 0) @ taste
    return found


def _days_on_sale(offer: Offer, options: Options, brief: Brief, first: date) -> NDArray[np.int64]:
    """Days of the campaign from `first` on which the offer is on sale, by how offers compare on them: as in the
    phase that began last; shape (moments,).
    """
    found = np.zeros(len(options.moments), np.int64)
    starts = [phase.days.first for phase in brief.phases]
    for number in range(first.toordinal(), brief.last.toordinal() + 1):
        day = date.fromordinal(number)
        begun = max((start, p) for p, start in enumerate(starts) if start <= day)
        found[options.moment_of_phase[begun[1]]] += offer.on_sale(day)
    return found


def use_of(stocks: tuple[Stock, ...], gained: Floats, option: NDArray[np.int64]) -> Floats:
    """Expected pieces that contacts with these gains and options use of each stock, shape (stocks,)."""
    return np.array([gained[stock.counted[option]].sum() for stock in stocks])


def use_of_choice(choice: Choices, stocks: tuple[Stock, ...], chance: Chances, options: Options) -> Floats:
    """Expected pieces that a choice uses of each stock, shape (stocks,)."""
    row, touch = np.nonzero(choice != NOTHING)
    option = choice[row, touch].astype(np.int64)
    return use_of(stocks, chance.gained_at(options, row, option), option)


def rises(
    stocks: tuple[Stock, ...], before: tuple[Floats, ...], after: tuple[Floats, ...],
    options: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> Floats:  # fmt: skip
    """What exchanging the options of pairs adds to each stock's use, shape (stocks, pairs).

    `options`: of the first and the second of each pair; `before`: what each gains now, `after`: with the other's
    option.
    """
    one, other = options
    rows = [
        stock.counted[one] * (after[1] - before[0]) + stock.counted[other] * (after[0] - before[1])
        for stock in stocks
    ]
    return np.array(rows).reshape(len(stocks), len(one))


def trimmed(
    choice: Choices,
    stocks: tuple[Stock, ...],
    chance: Chances,
    options: Options,
    value: NDArray[np.float32],
    kept: Flags,
) -> Choices:
    """The choice without the contacts that earn least for what they take of a stock of which there is not enough.

    `kept`: subscribers whose contacts a minimum counts, and who keep them; shape (n,).
    """
    choice = choice.copy()
    for stock in stocks:
        row, touch = np.nonzero(choice != NOTHING)
        option = choice[row, touch].astype(np.int64)
        mine = stock.counted[option]
        row, touch, option = row[mine], touch[mine], option[mine]
        gained = chance.gained_at(options, row, option)
        over = float(gained.sum()) - stock.amount
        if over <= DUST:
            continue
        some = np.flatnonzero(~kept[row] & (gained > 0))
        order = some[np.argsort(value[row[some], option[some]] / gained[some], kind="stable")]
        count = int(np.searchsorted(np.cumsum(gained[order]), over)) + 1
        choice[row[order[:count]], touch[order[:count]]] = NOTHING
    return np.take_along_axis(choice, np.argsort(choice == NOTHING, axis=1, kind="stable"), axis=1)


def class_means(code: NDArray[np.uint16], count: int, columns: Iterable[tuple[Floats, Flags]]) -> Floats:
    """Mean of each column's values over its open rows by class, shape (G, m), a column at a time; 0 where none is
    open.
    """
    means = []
    for column, open_ in columns:
        size = np.maximum(np.bincount(code[open_], minlength=count), 1)
        means.append(np.bincount(code[open_], column[open_], count) / size)
    return np.column_stack(means) if means else np.zeros((count, 0))
