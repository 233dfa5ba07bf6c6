"""Learn which policy suits whom from the orders in the warehouse, and keep what was learnt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from telewave.choice.learning import Taken, learn
from telewave.choice.logit import Flags
from telewave.choice.model import ChoiceModel, LeftOut
from telewave.choice.store import CHOICES
from telewave.choice.terms import at_hand, chosen_singly
from telewave.customers.base import CELLS, base_class_expression, cell_places
from telewave.features.usecases import open_wide, wide_dates
from telewave.kernel import Conflict, Malformed, Message, Missing
from telewave.kernel.history import Use
from telewave.offers.model import Catalogue, Offer
from telewave.offers.usecases import FEE, eligible
from telewave.platform.home import Home
from telewave.platform.progress import Progress, track
from telewave.records.contracts import ORDERS

LONGEST_AFTER = 62
"""Days after its as-of date in which a wide table still tells what an order's subscriber was: two months."""
NAMED = 5


class NoPoliciesOnOrders(Missing):
    """None of the {orders:,} orders in the warehouse says which policy was taken. Map the column that names it to
    `policy` of `orders`, with the ids of the catalogue, and ingest the orders again.
    """

    code = "no_policies_on_orders"


class PoliciesNotInCatalogue(Malformed):
    """Of {orders:,} orders with a policy {unknown:,} name one that is not in the catalogue: {which}. Write these ids in
    the catalogue, or map `policy` of `orders` to the ids that the catalogue has ({known}).
    """

    code = "policies_not_in_catalogue"


class NoWideTableBeforeOrders(Conflict):
    """No order with a policy lies within {days} days after a wide table, so nothing is known of who made it. The orders
    are from {first} to {last}: run `telewave features build --as-of {first}`, and likewise for each later month.
    """

    code = "no_wide_table_before_orders"


def learn_choice(home: Home, catalogue: Catalogue, name: str, seed: int, progress: Progress) -> ChoiceModel:
    """Learn from all orders with a policy and keep the model under its name, as the next version.

    Raises what `learnt_choice` raises, and `HeldByAnother`.
    """
    return saved_choice(home, learnt_choice(home, catalogue, name, seed, progress))


def learnt_choice(
    home: Home,
    catalogue: Catalogue,
    name: str,
    seed: int,
    progress: Progress,
    *,
    since: date = date.min,
    before: date = date.max,
) -> ChoiceModel:
    """Learn from the orders of [since, before) with a policy, not kept yet; what came later moves nothing.

    Raises `NoPoliciesOnOrders`, `PoliciesNotInCatalogue`, `NoWideTableBeforeOrders`, `NoAlternatives`, `TooFewChoices`,
    `UnusableChoiceName`, and what opening a wide table raises.
    """
    CHOICES.check_name(name)
    taken = orders_taken(home, catalogue, progress, since=since, before=before)
    with progress.step(Message("Learning what is chosen, and judging it on later orders")):
        return learn(taken, catalogue, name, home.clock.now(), seed)


def saved_choice(home: Home, model: ChoiceModel) -> ChoiceModel:
    """Keep what was learnt as the next version of its name. Raises `HeldByAnother`."""
    return CHOICES.save(home.settings.home, model.name, model, home.clock)


def kept_choice(home: Path, name: str, version: int | None = None) -> ChoiceModel:
    """The version in the folder `home` that is in use, unless one is given. Raises `NoSuchChoiceModel`,
    `ChoiceModelDamaged`.
    """
    return CHOICES.load(home, name, version)


def choice_names(home: Path) -> list[str]:
    """All names under which a choice model is kept."""
    return CHOICES.names(home)


def kept_choices(home: Path, name: str) -> list[ChoiceModel]:
    """All versions of the choice model, the oldest first."""
    return [CHOICES.load(home, name, number) for number in CHOICES.numbers(home, name)]


def choice_in_use(home: Path, name: str) -> int | None:
    """The version that was put to use on purpose; None: none was, and the newest is used."""
    return CHOICES.in_use(home, name)


def choice_uses(home: Path, name: str) -> list[Use]:
    """Every time that a version of the choice model was put to use, the oldest first."""
    return CHOICES.uses(home, name)


def put_choice_to_use(home: Path, name: str, use: Use, after: int) -> None:
    """Plans use this version from now on. Raises `FileIsThere` where another was put to use since."""
    CHOICES.put_to_use(home, name, use, after)


def last_choice_day(home: Home) -> date | None:
    """The last day of an order with a policy; None: there is none."""
    orders = home.warehouse.read("orders", ORDERS.schema)
    named = orders.filter(orders.policy.notnull())
    last = named.aggregate(last=named.ordered_at.date().max())
    found: date | None = home.warehouse.engine.fetch(last)["last"][0].as_py()
    return found


def damaged_choices(home: Path) -> Iterator[Message]:
    """What is to be said of each choice model in the folder `home` that cannot be read."""
    return CHOICES.damaged(home)


def orders_taken(
    home: Home,
    catalogue: Catalogue,
    progress: Progress,
    *,
    since: date = date.min,
    before: date = date.max,
) -> Taken:
    """Orders of [since, before) of the catalogue's policies, with what the last wide table before each says of its
    subscriber.
    """
    orders = home.warehouse.read("orders", ORDERS.schema)
    if (since, before) != (date.min, date.max):
        orders = orders.filter((orders.ordered_at.date() >= since) & (orders.ordered_at.date() < before))
    left_out, unknown, span = _see_policies(home, orders, catalogue)
    known = orders.filter(orders.policy.isin([offer.id for offer in catalogue.offers]))
    offers = chosen_singly(catalogue.offers)
    windows = _windows(wide_dates(home.warehouse), span)
    parts = [
        _of_window(home, known, offers, *window)
        for window in track(progress, Message("Opening the wide tables"), windows, len(windows))
    ]
    rows = pa.concat_tables(parts) if parts else None
    if rows is None or not rows.num_rows:
        raise NoWideTableBeforeOrders(days=LONGEST_AFTER, first=span[0], last=span[1])
    found = int(home.warehouse.engine.fetch(known.aggregate(n=known.count())).to_pylist()[0]["n"])
    left_out[LeftOut.NO_WIDE_TABLE] = found - rows.num_rows
    return _taken(
        rows.sort_by([("day", "ascending"), ("subscriber", "ascending")]), offers, left_out, unknown
    )


def _see_policies(
    home: Home, orders: ir.Table, catalogue: Catalogue
) -> tuple[Counter[LeftOut], tuple[str, ...], tuple[date, date]]:
    """What the orders name as policies: left out, unknown ids (the most frequent first), and the days of the known."""
    by_policy = orders.group_by("policy").aggregate(
        n=orders.count(), first=orders.ordered_at.date().min(), last=orders.ordered_at.date().max()
    )
    found: list[dict[str, Any]] = home.warehouse.engine.fetch(by_policy).to_pylist()
    named = [row for row in found if row["policy"]]
    if not named:
        raise NoPoliciesOnOrders(orders=sum(row["n"] for row in found))
    ids = {offer.id for offer in catalogue.offers}
    strange = sorted(
        (row for row in named if row["policy"] not in ids), key=lambda row: (-row["n"], row["policy"])
    )
    unknown = sum(row["n"] for row in strange)
    if 2 * unknown > sum(row["n"] for row in named):
        raise PoliciesNotInCatalogue(
            orders=sum(row["n"] for row in named),
            unknown=unknown,
            which=_some(f"{row['policy']} ({row['n']:,})" for row in strange),
            known=_some(sorted(ids)),
        )
    left_out = Counter({LeftOut.NO_POLICY: sum(row["n"] for row in found if not row["policy"])})
    left_out[LeftOut.UNKNOWN_POLICY] = unknown
    mine = [row for row in named if row["policy"] in ids]
    span = min(row["first"] for row in mine), max(row["last"] for row in mine)
    return left_out, tuple(row["policy"] for row in strange), span


def _some(words: Any) -> str:
    """The first few of the words."""
    listed = list(words)
    return ", ".join(listed[:NAMED]) + (" ..." if len(listed) > NAMED else "")


def _windows(as_of: Sequence[date], span: tuple[date, date]) -> list[tuple[date, date]]:
    """Each wide table's date with the day on which orders are no longer its: that of the next one, or two months on."""
    ends = [*as_of[1:], date.max] if as_of else []
    found = [
        (start, min(end, start + timedelta(days=LONGEST_AFTER)))
        for start, end in zip(as_of, ends, strict=True)
    ]
    return [(start, end) for start, end in found if start <= span[1] and end > span[0]]


def _of_window(home: Home, orders: ir.Table, offers: Sequence[Offer], start: date, end: date) -> pa.Table:
    """The window's orders with the fee, class and open offers of each subscriber."""
    wide = open_wide(home.warehouse, start)
    asked: dict[str, Any] = {
        f"o{k}": eligible(offer, wide, home.warehouse, home.database).fill_null(False)
        for k, offer in enumerate(offers)
    }
    rows = wide.relation
    people = rows.select(
        subscriber=rows[wide.key],
        fee=rows[FEE].cast("float64"),
        base=base_class_expression(rows),
        payment=rows.payment,
        segment=rows.segment,
        **asked,
    )
    day = orders.ordered_at.date()
    mine = orders.filter((day >= start) & (day < end))
    told = mine.select(
        buyer=mine.subscriber, policy=mine.policy, day=mine.ordered_at.date(), channel=mine.channel
    )
    return home.warehouse.engine.fetch(told.inner_join(people, told.buyer == people.subscriber).drop("buyer"))


def _taken(
    rows: pa.Table, offers: tuple[Offer, ...], left_out: Counter[LeftOut], unknown: tuple[str, ...]
) -> Taken:
    """The rows as arrays, without those whose class, fee or alternatives are not known."""
    places: Mapping[str, int] = {offer.id: place for place, offer in enumerate(offers)}
    taken = np.array([places.get(str(one), -1) for one in rows["policy"].to_pylist()], np.int64)
    cell = cell_places(rows)
    fee = rows["fee"].to_numpy(zero_copy_only=False).astype(np.float64)
    reasons = {
        LeftOut.SEVERAL_PIECES: taken < 0,
        LeftOut.NO_CLASS: cell < 0,
        LeftOut.NO_FEE: ~np.isfinite(fee),
    }
    kept: Flags = np.ones(rows.num_rows, np.bool_)
    for reason, speaks in reasons.items():
        left_out[reason] = int((kept & speaks).sum())
        kept &= ~speaks
    flags = np.column_stack(
        [rows[f"o{k}"].to_numpy(zero_copy_only=False).astype(np.bool_) for k in range(len(offers))]
    )
    channels = [str(one or "") for one in rows["channel"].to_pylist()]
    channels = [one for one, keep in zip(channels, kept.tolist(), strict=True) if keep]
    epoch = date(1970, 1, 1).toordinal()
    days = rows["day"].to_numpy(zero_copy_only=False).astype("datetime64[D]").astype(np.int64) + epoch
    return Taken(
        offers=offers,
        taken=taken[kept],
        eligible=flags[kept],
        fee_minor=np.round(np.maximum(fee[kept], 0) * 100).astype(np.int64),
        day=days[kept],
        subscriber=rows["subscriber"].to_numpy().astype(np.int64)[kept],
        cell=cell[kept],
        cells=CELLS,
        left_out=left_out,
        unknown_policies=unknown,
        at_hand=at_hand(offers, channels, taken[kept]),
    )
