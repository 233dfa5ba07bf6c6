"""A branch whose orders are drawn with known weights: wide tables of two months and orders of the reference case's policies."""

import uuid
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tests.choice.drawn import takers

from telewave.choice.logit import shares
from telewave.choice.terms import chosen_singly, terms_for, values
from telewave.features.usecases import WIDE, WIDE_SCHEMA
from telewave.offers.catalogue_file import reference_case
from telewave.records.contracts import ORDERS

MONTHS = (date(2026, 5, 1), date(2026, 6, 1))
WEIGHTS = {
    "true_cost": -0.08,
    "down": -0.04,
    "months": -0.3,
    "minimum": -0.05,
    "new_number": -0.8,
    "kind:upgrade": 0.4,
}
"""Of the units of the terms; so 100 on the first day weigh as 50 of true cost."""


class Branch:
    """People with fees, classes and devices; `open_to` the policies by the catalogue's words, written out once more."""

    def __init__(self, seed=1, people=2_500):
        self.rng = np.random.default_rng(seed)
        self.catalogue = reference_case()
        self.offers = chosen_singly(self.catalogue.offers)
        self.fee = np.round(self.rng.lognormal(4.2, 0.6, people), 2)
        self.postpaid = self.rng.random(people) < 0.5
        self.broadband = self.rng.random(people) < 0.4
        self.old = self.rng.random(people) < 0.5
        self.enterprise = self.rng.random(people) < 0.15

    @property
    def open_to(self):
        found = np.ones((len(self.fee), len(self.offers)), bool)
        for column, offer in enumerate(self.offers):
            if offer.id == "upgrade-prepaid":
                found[:, column] = self.old & ~self.postpaid
            elif offer.id == "upgrade-postpaid":
                found[:, column] = self.old & self.postpaid
            elif offer.eligibility is not None:
                found[:, column] = self.enterprise
        return found

    def taken(self, weights=WEIGHTS):
        """The policy that each person takes, by place."""
        terms = terms_for(self.catalogue, self.offers)
        found = values(
            self.offers, terms, np.round(self.fee * 100).astype(np.int64), [MONTHS[0]] * len(self.fee)
        )
        utility = found @ np.array([weights.get(term.id, 0.0) for term in terms])
        return takers(self.rng, shares(utility, self.open_to))

    def wide(self):
        """The wide table of a month; what plays no part is unknown."""
        n = len(self.fee)
        known = {
            "subscriber": np.arange(n),
            "arpu": self.fee,
            "has_mobile": np.ones(n, bool),
            "has_broadband": self.broadband,
            "payment": np.where(self.postpaid, "postpaid", "prepaid"),
            "segment": np.where(self.enterprise, "enterprise", "public"),
            "device_generation": np.where(self.old, "2g", "4g"),
        }
        columns = [
            pa.array(known[one.name], one.type) if one.name in known else pa.nulls(n, one.type)
            for one in WIDE_SCHEMA
        ]
        return pa.table(columns, schema=WIDE_SCHEMA)

    def orders(self, policies):
        """An order of each person on a day of the two months; a policy of None is not named."""
        days = self.rng.integers(0, 60, len(policies))
        rows = []
        for subscriber, (policy, day) in enumerate(zip(policies, days, strict=True)):
            at = datetime(2026, 5, 1, 12) + timedelta(days=int(day))
            rows.append({"subscriber": subscriber, "ordered_at": at, "offer": "phone", "kind": "device_only",
                         "channel": "hall", "policy": policy})  # fmt: skip
        return rows

    def put(self, home, policies=None):
        """Fill the home's warehouse; None: everybody's choice by the known weights."""
        if policies is None:
            policies = [self.offers[place].id for place in self.taken()]
        put_wide(home, self.wide())
        by_day = {}
        for row in self.orders(policies):
            by_day.setdefault(row["ordered_at"].date().isoformat(), []).append(row)
        with home.warehouse.change("orders") as change:
            for day, rows in by_day.items():
                file = change.new_file(day)
                pq.write_table(pa.Table.from_pylist(rows, ORDERS.schema), file)
                change.set(day, {file: uuid.uuid4().hex})
        return home


def put_wide(home, table):
    with home.warehouse.change(WIDE) as change:
        for month in MONTHS:
            file = change.new_file(month.isoformat())
            pq.write_table(table, file)
            change.set(month.isoformat(), {file: "test"})
