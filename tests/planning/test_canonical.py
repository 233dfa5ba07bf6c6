"""The hash of rows is of their values: the order of rows does not change it, any value does, and a print-out's rounding plays no part."""

import hashlib
import struct
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telewave.planning.canonical import content_hash

FIELDS = [
    ("subscriber", pa.int64()),
    ("offer", pa.string()),
    ("day", pa.date32()),
    ("profit", pa.float64()),
    ("by_chance", pa.bool_()),
]
SCHEMA = pa.schema(FIELDS)
ROW = {"subscriber": 1, "offer": "预付", "day": date(2026, 7, 2), "profit": 0.1, "by_chance": True}


def table(*rows):
    return pa.Table.from_pylist([ROW | row for row in rows], schema=SCHEMA)


def test_the_form_is_the_one_that_is_stated_byte_for_byte():
    head = b"telewave rows 1\n"
    head += b"".join(f"{name}\0{kind}\n".encode() for name, kind in FIELDS) + struct.pack("<Q", 2)
    text = "预付".encode()
    body = b"\1\1" + struct.pack("<qq", 1, 2) + b"\1\0" + struct.pack("<II", len(text), 0) + text
    body += b"\1\1" + struct.pack("<qq", 20636, 20636) + b"\1\1" + struct.pack("<dd", 0.1, 0.0)
    body += b"\1\1" + struct.pack("<qq", 1, 0)
    rows = table({"subscriber": 2, "offer": None, "profit": -0.0, "by_chance": False}, {})
    assert content_hash(rows, ["subscriber"]) == hashlib.sha256(head + body).hexdigest()


@given(st.permutations(range(5)))
def test_the_order_of_rows_does_not_matter(order):
    rows = table(*({"subscriber": n, "profit": n / 3} for n in range(5)))
    assert content_hash(rows.take(list(order)), ["subscriber"]) == content_hash(rows, ["subscriber"])


@pytest.mark.parametrize(
    "other",
    [
        {"subscriber": 2},
        {"offer": "预"},
        {"offer": None},
        {"day": None},
        {"day": date(2026, 7, 3)},
        {"profit": 0.1 + 2e-17},
        {"profit": None},
        {"by_chance": False},
    ],
)
def test_any_value_matters(other):
    assert content_hash(table(other), ["subscriber"]) != content_hash(table({}), ["subscriber"])


def test_what_text_would_round_away_matters_and_missing_is_not_zero():
    assert content_hash(table({"profit": 0.1 + 0.2}), ["subscriber"]) != content_hash(
        table({"profit": 0.3}), ["subscriber"]
    )
    assert content_hash(table({"profit": 0.0}), ["subscriber"]) != content_hash(
        table({"profit": None}), ["subscriber"]
    )
    assert content_hash(table({"profit": 0.0}), ["subscriber"]) == content_hash(
        table({"profit": -0.0}), ["subscriber"]
    )


def test_text_that_moves_from_one_row_to_the_next_matters():
    one = table({"subscriber": 1, "offer": "ab"}, {"subscriber": 2, "offer": "c"})
    other = table({"subscriber": 1, "offer": "a"}, {"subscriber": 2, "offer": "bc"})
    assert content_hash(one, ["subscriber"]) != content_hash(other, ["subscriber"])
