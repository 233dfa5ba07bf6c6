"""From a wide table to the market that policies are judged against: who may have them, how many, how much they use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from telewave.audiences.language import rule_text
from telewave.audiences.rule import And, joined
from telewave.audiences.usecases import predicate
from telewave.customers.base import BaseClass, Cell, base_class_expression
from telewave.features.model import WideTable
from telewave.features.usecases import open_wide
from telewave.kernel import Malformed, Money
from telewave.offers.bench import bench
from telewave.offers.classes import (
    ASSUMED_LEVELS,
    HIGHEST_FEE,
    NO_CONDITIONS,
    PAYMENTS,
    SEGMENTS,
    Counted,
    Level,
    Market,
)
from telewave.offers.classes import FEE as FEE  # noqa: PLC0414 - planning asks for it here
from telewave.offers.consistency import judged
from telewave.offers.economics import DEFAULT_ASSUMPTIONS, Assumptions
from telewave.offers.findings import Finding
from telewave.offers.matrix import Matrix, matrix
from telewave.offers.model import Catalogue, Offer
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse

_QUANTILES = {
    "middle_low": 1 / 6,
    "end_low": 1 / 3,
    "middle": 1 / 2,
    "end_middle": 2 / 3,
    "middle_high": 5 / 6,
}


class ForeignCatalogue(Malformed):
    """The catalogue is in {found}, but the fees and costs that it is judged by are in
    {expected}. Give its amounts in {expected}.
    """

    code = "foreign_catalogue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A catalogue looked at on `day` (None: all of it at once): what is wrong, and the picture of channels and
    classes.
    """

    catalogue: Catalogue
    offers: tuple[Offer, ...]
    day: date | None
    market: Market
    assumptions: Assumptions
    findings: tuple[Finding, ...]
    matrix: Matrix


def eligible(offer: Offer, wide: WideTable, warehouse: Warehouse, database: Database) -> ir.BooleanValue:
    """Who may have the offer, as a boolean of each row of the wide table, never null.

    Of an offer for new numbers: who may bring one; how the new line is paid is not asked of the present one. Raises
    what `audiences.checks.check` raises, and `NoSuchAudience`.
    """
    if offer.eligibility is None:
        everybody: ir.BooleanValue = ibis.literal(True)
        return everybody
    return predicate(warehouse, database, offer.eligibility)(wide)


def check_catalogue(
    catalogue: Catalogue,
    market: Market | None = None,
    day: date | None = None,
    assumptions: Assumptions = DEFAULT_ASSUMPTIONS,
) -> Checked:
    """Judge the catalogue against a market (None: nothing counted, assumed levels of use). Raises
    `ForeignCatalogue`.
    """
    known = market or Market()
    require_currency(catalogue, known, assumptions)
    ground = bench(catalogue, known, day)
    return Checked(
        catalogue=catalogue,
        offers=ground.offers,
        day=day,
        market=known,
        assumptions=assumptions,
        findings=judged(ground),
        matrix=matrix(ground),
    )


def require_currency(
    catalogue: Catalogue, market: Market, assumptions: Assumptions = DEFAULT_ASSUMPTIONS
) -> None:
    """Raises `ForeignCatalogue` where the catalogue, the levels of use and the assumptions are not in one currency."""
    for expected in (assumptions.device_cost.currency, *(level.fee.currency for level in market.levels)):
        if catalogue.currency != expected:
            raise ForeignCatalogue(found=catalogue.currency, expected=expected)


def count_market(warehouse: Warehouse, database: Database, catalogue: Catalogue, as_of: date) -> Market:
    """Levels of use (thirds of the monthly fee), sizes of the cells by level, and of each offer how many may have it.

    Raises `NoWideTable`, and what `eligible` raises.
    """
    wide = open_wide(warehouse, as_of)
    levels = _levels(warehouse, wide, catalogue.currency)
    fees, unplaced = _cells(warehouse, wide)
    fulfilling = {}
    for conditions in {customer.conditions for customer in bench(catalogue, Market()).open} - {NO_CONDITIONS}:
        rule = joined(And, sorted(conditions, key=rule_text))
        theirs = replace(wide, relation=wide.relation.filter(predicate(warehouse, database, rule)(wide)))
        fulfilling[conditions], _ = _cells(warehouse, theirs)
    eligible_counts = _eligible_counts(warehouse, database, catalogue, wide)
    counted = Counted(fees, eligible_counts, unplaced, fulfilling)
    return Market(levels or ASSUMED_LEVELS, counted, assumed_levels=levels is None)


def _cells(warehouse: Warehouse, wide: WideTable) -> tuple[dict[tuple[Cell, int], int], int]:
    """Subscribers by cell of the base and whole fee, and how many are in none."""
    fees: dict[tuple[Cell, int], int] = {}
    unplaced = 0
    for row in _counts(warehouse, wide):
        known = row["payment"] in PAYMENTS and row["segment"] in SEGMENTS
        if row["fee"] is None or not known or row["base"] == BaseClass.NONE.value:
            unplaced += int(row["size"])
        else:
            cell = Cell(BaseClass(row["base"]), row["payment"], row["segment"])
            fees[cell, int(row["fee"])] = int(row["size"])
    return fees, unplaced


def _levels(warehouse: Warehouse, wide: WideTable, currency: str) -> tuple[Level, ...] | None:
    """Thirds of the fee, each with its median, in whole units; None where no fee is known."""
    fee = wide.relation[FEE]
    asked = {name: fee.quantile(share) for name, share in _QUANTILES.items()}
    found: Mapping[str, Any] = warehouse.engine.fetch(wide.relation.aggregate(**asked)).to_pylist()[0]
    if any(value is None for value in found.values()):
        return None
    at = {name: Money(max(0, round(float(value))) * 100, currency) for name, value in found.items()}
    low, middle, high = (level.name for level in ASSUMED_LEVELS)
    return (
        Level(low, Money(0, currency), at["end_low"], at["middle_low"]),
        Level(middle, at["end_low"], at["end_middle"], at["middle"]),
        Level(high, at["end_middle"], None, at["middle_high"]),
    )


def _counts(warehouse: Warehouse, wide: WideTable) -> list[dict[str, Any]]:
    """Subscribers by class, payment, segment and whole units of the fee; the fee is null where it is not known."""
    relation = wide.relation
    fee = relation[FEE]
    people = relation.select(
        base=base_class_expression(relation),
        payment=relation.payment,
        segment=relation.segment,
        fee=fee.clip(0, HIGHEST_FEE).floor().cast("int64"),
    )
    counted = people.group_by("base", "payment", "segment", "fee").aggregate(size=people.count())
    rows: list[dict[str, Any]] = warehouse.engine.fetch(counted).to_pylist()
    return rows


def _eligible_counts(
    warehouse: Warehouse, database: Database, catalogue: Catalogue, wide: WideTable
) -> dict[str, int]:
    asked = {
        f"offer_{index}": eligible(offer, wide, warehouse, database).cast("int64")
        for index, offer in enumerate(catalogue.offers)
    }
    people = wide.relation.select(**asked)
    sums = warehouse.engine.fetch(people.aggregate(**{name: people[name].sum() for name in asked}))
    found = sums.to_pylist()[0]
    return {offer.id: int(found[f"offer_{i}"] or 0) for i, offer in enumerate(catalogue.offers)}
