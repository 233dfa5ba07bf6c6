"""What a plan is made from: scores, eligibility, consent, audiences, target groups and households of everybody, in one
pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from telewave.audiences.rule import Rule
from telewave.audiences.usecases import predicate
from telewave.briefs.model import Brief
from telewave.customers.base import base_class_expression, cell_places
from telewave.features.model import WideTable
from telewave.features.states import state_as_of
from telewave.kernel import Message, Missing
from telewave.models.usecases import NotScored, card_of_scores, scores
from telewave.models.verdict import refuse_unless_despite, verdict_of
from telewave.offers.model import Offer
from telewave.offers.usecases import FEE, eligible
from telewave.planning.comparisons import GROUP_ORDER
from telewave.planning.control_groups import ALONE
from telewave.planning.leaning import persons_of, told_apart
from telewave.planning.options import Base, Flags, Gathered
from telewave.planning.scorer import Scorer
from telewave.platform.database import Database
from telewave.platform.progress import Progress
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import SUBSCRIBERS
from telewave.targeting.usecases import groups, partition_of

LONGEST_CUSTOMER = 18
"""Digits of a customer number that fits 63 bits."""


class NoFee(Missing):
    """The wide table of {as_of} has no monthly fee, so no offer's margin can be computed.
    Ingest bills and build the features again.
    """

    code = "no_fee"


def gather(
    warehouse: Warehouse,
    database: Database,
    brief: Brief,
    offers: Sequence[Offer],
    wide: WideTable,
    progress: Progress,
    *,
    only: int | None = None,
) -> Gathered:
    """Everybody whom the campaign's model has scored as of the wide table's date; `only`: this subscriber alone.

    Raises `NotScored`, `NoFee`, and what the rules' checks raise.
    """
    partition = partition_of(wide.as_of)
    if partition not in warehouse.manifest(f"scores.{brief.model}").partitions:
        raise NotScored(model=brief.model, partition=partition)
    rows = wide.relation if only is None else wide.relation.filter(wide.relation[wide.key] == only)
    if FEE not in rows.columns:
        raise NoFee(as_of=wide.as_of)

    def member(rule: Rule | None) -> Any:
        return ibis.literal(True) if rule is None else predicate(warehouse, database, rule)(wide)

    asked: dict[str, Any] = {}
    asked |= {f"o{k}": eligible(offer, wide, warehouse, database) for k, offer in enumerate(offers)}
    asked |= {f"c{k}": member(channel.consent) for k, channel in enumerate(brief.channels)}
    asked |= {f"p{k}": member(phase.audience) for k, phase in enumerate(brief.phases)}
    asked |= {f"m{k}": member(minimum.audience) for k, minimum in enumerate(brief.minimums)}
    with progress.step(Message("Looking up who may get what")):
        cell = _cell(rows)
        people = rows.select(subscriber=rows[wide.key], fee=rows[FEE].cast("float64"), **cell, **asked)
        scored = scores(warehouse, brief.model, wide.as_of).select("subscriber", "probability")
        found = warehouse.engine.fetch(people.left_join(scored, "subscriber").drop("subscriber_right"))
        found = found.sort_by("subscriber")
    gathered = _gathered(warehouse, brief, wide, found, len(offers))
    if brief.willing is None or wide.as_of is None:
        return gathered
    with progress.step(Message("Looking up what is on record of each person")):
        people = persons_of(warehouse, brief, rows, wide.as_of, gathered.base)
        return replace(gathered, base=replace(gathered.base, willing=told_apart(brief, people)))


def _cell(rows: ir.Table) -> dict[str, Any]:
    """What tells the cell of the base; nothing where the wide table does not say."""
    if not {"has_mobile", "has_broadband", "payment", "segment"} <= set(rows.columns):
        return {}
    return {"base": base_class_expression(rows), "payment": rows.payment, "segment": rows.segment}


def _gathered(warehouse: Warehouse, brief: Brief, wide: WideTable, found: pa.Table, offers: int) -> Gathered:
    def flags(letter: str, count: int) -> Flags:
        columns = [found[f"{letter}{k}"].to_numpy(zero_copy_only=False) for k in range(count)]
        return np.column_stack(columns).astype(bool) if columns else np.zeros((len(found), 0), bool)

    addressed = flags("p", len(brief.phases))
    probability = found["probability"].to_numpy(zero_copy_only=False).astype(np.float64)
    known = np.isfinite(probability)
    fee = np.nan_to_num(found["fee"].to_numpy(zero_copy_only=False).astype(np.float64))
    subscriber = found["subscriber"].to_numpy().astype(np.int64)
    base = Base(
        subscriber=subscriber[known],
        probability=probability[known],
        fee_minor=np.round(np.maximum(fee[known], 0) * 100).astype(np.int64),
        open_offers=flags("o", offers)[known],
        reachable=flags("c", len(brief.channels))[known],
        addressed=addressed[known],
        cell=cell_places(found)[known] if "base" in found.column_names else None,
    )
    if brief.household_contacts is not None or brief.holdout.by_household:
        base = replace(base, household=customers_of(warehouse, wide.as_of, base.subscriber))
    members = flags("m", len(brief.minimums))[known]
    missing = int((addressed.any(1) & ~known).sum())
    return Gathered(base, tuple(members.T), _groups(warehouse, brief, wide, base), missing)


def _groups(warehouse: Warehouse, brief: Brief, wide: WideTable, base: Base) -> NDArray[np.int8] | None:
    """The target group of each subscriber by number, -1 where he is in none; None where no groups were formed."""
    if partition_of(wide.as_of) not in warehouse.manifest(f"groups.{brief.model}").partitions:
        return None
    rows = warehouse.engine.fetch(groups(warehouse, brief.model, wide.as_of).select("subscriber", "group"))
    code = [group.value for group in GROUP_ORDER]
    number = pc.index_in(rows["group"], pa.array(code)).to_numpy().astype(np.int8)
    grouped = rows["subscriber"].to_numpy().astype(np.int64)
    order = np.argsort(grouped)
    place = np.searchsorted(grouped[order], base.subscriber)
    place = np.minimum(place, max(len(grouped) - 1, 0))
    found = np.full(len(base.subscriber), -1, np.int8)
    if len(grouped):
        same = grouped[order][place] == base.subscriber
        found[same] = number[order][place][same]
    return found


def household_code(customer: str) -> int:
    """A number for a customer, the same for ever: draws by household hang on it. That of a customer number is itself.

    >>> household_code("0042"), household_code("C-42")
    (42, 574068095772454580)
    """
    if customer.isascii() and customer.isdigit() and len(customer) <= LONGEST_CUSTOMER:
        return int(customer)
    return int.from_bytes(hashlib.blake2b(customer.encode(), digest_size=8).digest()) >> 1


def _household_codes(customers: Any) -> NDArray[np.int64]:
    """`household_code` of each: customer numbers, of which there may be millions, in one go."""
    plain = pc.match_substring_regex(customers, f"^[0-9]{{1,{LONGEST_CUSTOMER}}}$")
    numbers = np.asarray(plain.to_numpy(zero_copy_only=False), np.bool_)
    codes = np.zeros(len(customers), np.int64)
    codes[numbers] = customers.filter(plain).cast(pa.int64()).to_numpy()
    codes[~numbers] = [household_code(str(one)) for one in customers.filter(pc.invert(plain)).to_pylist()]
    return codes


def customers_of(
    warehouse: Warehouse, as_of: date | None, subscriber: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """The customer who holds each line, -1 where it is not known; None where no line's is."""
    last = state_as_of(warehouse, SUBSCRIBERS.name, as_of or date.max).select("subscriber", "customer")
    found = warehouse.engine.fetch(last.filter(last["customer"].notnull()).order_by("subscriber"))
    if not len(found):
        return None
    lines = found["subscriber"].to_numpy().astype(np.int64)
    named = found["customer"].combine_chunks().dictionary_encode()
    customer = _household_codes(named.dictionary)[named.indices.to_numpy()]
    place = np.minimum(np.searchsorted(lines, subscriber), len(lines) - 1)
    return np.where(lines[place] == subscriber, customer[place], -1)


def scorer_of(
    warehouse: Warehouse,
    models: Path,
    database: Database,
    brief: Brief,
    as_of: date | None,
    despite: str | None,
) -> Scorer:
    """The model version behind the scores of the campaign's model as of a date. `despite`:
    the reason to use it against its verdict.

    Raises `NotScored`, `ModelGone`, `ModelNotToBeUsed`, `NoReasonGiven`.
    """
    card = card_of_scores(warehouse, models, database, brief.model, as_of)
    verdict = verdict_of(card)
    offered = card.offered
    return Scorer(
        window_days=offered.window_days if offered else ALONE.window_days,
        products=(offered.offer,) if offered else (),
        rate_error=card.rate.log_error,
        verdict=verdict,
        despite=refuse_unless_despite(verdict, despite),
    )
