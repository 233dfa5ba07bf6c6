"""Contacts that heard of an offer, with what was known of each person beforehand, from the warehouse: the model's
chance and the wide table as of the groups' day, and the touches before the contact.

Of those who were not willing only so many are fetched as `MOST` allows, evenly in order of time, each standing for
as many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from telewave.features.states import state_as_of
from telewave.features.usecases import open_wide, wide_dates
from telewave.funnel.counting import contacts_in, orders_before, placed, with_orders
from telewave.funnel.foretelling import GROUPS, Recorded, step_of_will
from telewave.funnel.learning import chain_of, covered
from telewave.funnel.model import Question
from telewave.funnel.persons import HALF_LIFE, Heard
from telewave.funnel.steps import Order, Outcome, Step, Tracking, steps_of, told, tried
from telewave.funnel.willing import TRAITS
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTACTS, SUBSCRIBERS

REMEMBERED = timedelta(days=6 * HALF_LIFE)
"""Touches from so long before count."""
MOST = 300_000
"""Contacts that were not willing of whom all are looked at."""
KEYS = ("channel", "disposition", "reached", "order")
NOT_THROUGH = ("no_answer", "bounced")
_IN_TIME = ("contacted_at", "channel", "disposition", "offer")


def touches_before(warehouse: Warehouse, first: date, end: date) -> ir.Table:
    """Every contact of [first - `REMEMBERED`, end): `tired`, the touches that got through to the person before, each
    halved every `HALF_LIFE` days; `left`: what this one would leave at the end, undone by the time.
    """
    begin = first - REMEMBERED
    days = (begin.isoformat(), end.isoformat())
    found = warehouse.read("contacts", CONTACTS.schema, lambda day: days[0] <= day < days[1])
    through = found.reached.fill_null(found.disposition.notin(NOT_THROUGH))
    seconds = found.contacted_at.epoch_seconds() - ibis.literal(_seconds(begin))
    aged = found.mutate(half_lives=seconds / (86_400.0 * HALF_LIFE), through=through.cast("float64"))
    fresh = aged.mutate(fresh=aged.through * ibis.literal(2.0) ** aged.half_lives)
    before = ibis.window(group_by="subscriber", order_by=_IN_TIME, preceding=(None, 1))
    so_far = fresh.fresh.sum().over(before).fill_null(0.0)
    return fresh.mutate(tired=so_far * ibis.literal(2.0) ** (-fresh.half_lives))


def tired_on(warehouse: Warehouse, day: date, known_before: date) -> pa.Table:
    """What is left on `day` of each person's touches before `known_before`: columns subscriber, tired; who had none is
    left out.
    """
    found = touches_before(warehouse, day, min(day, known_before))
    at = _age(day - REMEMBERED, day)
    left = found.group_by("subscriber").aggregate(tired=found.fresh.sum() * (2.0**-at))
    return warehouse.engine.fetch(left)


def _seconds(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 86_400


def _age(begin: date, day: date) -> float:
    return (day - begin).days / HALF_LIFE


def recorded(warehouse: Warehouse, question: Question) -> Recorded | None:
    """The question's contacts that heard; None where there is no wide table as of the groups' day, or no channel tells
    who was willing.
    """
    if question.groups_as_of is None or question.groups_as_of not in wide_dates(warehouse):
        return None
    rows = _told(warehouse, question)
    kinds = warehouse.engine.fetch(rows.group_by(*KEYS).aggregate(n=rows.count())).to_pylist()
    codes, channels = _codes(kinds)
    if not channels:
        return None
    others = sum(row["n"] for row in kinds if codes.get(_key(row)) == 0)
    every = max(1, -(-others // MOST))
    heard = rows.mutate(willing=_as_expression(rows, codes)).filter(lambda t: t.willing.notnull())
    some = heard.filter((heard.willing == 1) | (heard.row % every == 0))
    found = warehouse.engine.fetch(_with_traits(warehouse, some, question).order_by("row"))
    return _as_arrays(found, question, channels, every)


def _told(warehouse: Warehouse, question: Question) -> ir.Table:
    """The contacts with their orders, groups, scores and touches before."""
    before = touches_before(warehouse, question.since, question.as_of)
    own = contacts_in(warehouse, question, before)
    rows = placed(with_orders(own, orders_before(warehouse, question), question), warehouse, question)
    return rows.filter(rows.score.notnull())


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEYS)


def _codes(
    kinds: Sequence[Mapping[str, Any]],
) -> tuple[dict[tuple[Any, ...], int], tuple[tuple[str, tuple[Step, ...]], ...]]:
    """Of each kind of record whether it was willing, where it says so; and the channels that tell."""
    found: dict[tuple[Any, ...], int] = {}
    channels = []
    for channel in sorted({row["channel"] for row in kinds}):
        mine = [row for row in kinds if row["channel"] == channel]
        steps, tracking = steps_of(channel), Tracking.of({row["disposition"] for row in mine})
        said = {_key(row): told(_outcome(row), tracking) for row in mine}
        chain = chain_of(list(said.values()), steps)
        covers = [covered(steps, chain, place) for place in range(len(chain))]
        will = step_of_will(covers)
        if will is None:
            continue
        took = {key: tried(one, steps, chain, will[-1]) for key, one in said.items()}
        found |= {key: int(one) for key, one in took.items() if one is not None}
        channels.append((channel, will))
    return found, tuple(channels)


def _outcome(row: Mapping[str, Any]) -> Outcome:
    return Outcome(
        channel=row["channel"],
        disposition=row["disposition"],
        reached=row["reached"],
        order=Order(row["order"]),
    )


def _as_expression(rows: ir.Table, codes: Mapping[tuple[Any, ...], int]) -> Any:
    """1, 0 or null: what the kind of each row says."""
    cases = []
    for (channel, disposition, reached, order), took in codes.items():
        alike = (rows.channel == channel) & (rows.disposition == disposition) & (rows.order == order)
        alike &= rows.reached.isnull() if reached is None else rows.reached == reached
        cases.append((alike, took))
    return ibis.cases(*cases, else_=ibis.null("int8"))


def _with_traits(warehouse: Warehouse, rows: ir.Table, question: Question) -> ir.Table:
    """With the traits as of the groups' day, and the customer as of the question's end, who may hold several lines."""
    wide = traits_of(open_wide(warehouse, question.groups_as_of or question.since).relation)
    joined = rows.left_join(wide, rows.subscriber == wide.trait_of).drop("trait_of")
    last = state_as_of(warehouse, SUBSCRIBERS.name, question.as_of)
    named = last.select(line="subscriber", customer="customer")
    found = joined.left_join(named, joined.subscriber == named.line)
    names = ("row", "subscriber", "contacted_at", "channel", "group", "score", "tired", "willing", "customer")
    return found.select(*names, *(name for name in TRAITS if name in found.columns))


def traits_of(relation: ir.Table) -> ir.Table:
    """What is looked at of each row of a wide table, as numbers; `trait_of`: the subscriber."""
    known: dict[str, Any] = {
        name: relation[name].cast("float64") for name in TRAITS if name in relation.columns
    }
    if "payment" in relation.columns:
        known["prepaid"] = (relation.payment == "prepaid").cast("float64")
    if "segment" in relation.columns:
        known["enterprise"] = (relation.segment == "enterprise").cast("float64")
    return relation.select(trait_of=relation.subscriber, **known)


def numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    """A column as numbers, NaN where there is none."""
    return np.asarray(table[name].to_numpy(zero_copy_only=False), np.float64)


def _as_arrays(
    rows: pa.Table, question: Question, channels: tuple[tuple[str, tuple[Step, ...]], ...], every: int
) -> Recorded:
    names = [name for name, _ in channels]
    willing = numbers(rows, "willing") > 0
    subscriber = rows["subscriber"].to_numpy().astype(np.int64)
    day = np.array(rows["contacted_at"].cast(pa.timestamp("us")), dtype="datetime64[us]")
    customer = rows["customer"].combine_chunks().dictionary_encode().indices
    whose = np.asarray(customer.to_numpy(zero_copy_only=False), np.float64)
    return Recorded(
        heard=Heard(
            channel=_places(rows["channel"], names),
            chance=1 / (1 + np.exp(-numbers(rows, "score"))),
            traits={name: numbers(rows, name) for name in TRAITS if name in rows.column_names},
            tired=numbers(rows, "tired"),
            willing=willing,
            weight=np.where(willing, 1.0, float(every)),
        ),
        day=(day - np.datetime64(question.since)) / np.timedelta64(1, "D"),
        group=_places(rows["group"], GROUPS),
        household=np.where(np.isfinite(whose), np.nan_to_num(whose), -1.0 - subscriber).astype(np.int64),
        channels=channels,
        days=(question.as_of - question.since).days,
    )


def _places(column: pa.ChunkedArray[Any], names: Sequence[str]) -> NDArray[np.int64]:
    """The place of each text among `names`, -1 where it is none of them."""
    coded = column.combine_chunks().dictionary_encode()
    known = np.array(
        [*(names.index(one) if one in names else -1 for one in coded.dictionary.to_pylist()), -1]
    )
    return known[np.asarray(coded.indices.fill_null(len(known) - 1))]
