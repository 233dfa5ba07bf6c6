"""Corrections and credit notes change the sum of what was billed, and are no bills of their own."""

import random
from datetime import date, datetime, time, timedelta
from itertools import product

from tests.features.records import AS_OF

DAY = AS_OF[0]


def days_before(number):
    return DAY - timedelta(days=number)


def bill(issued, amount, kind=None, subscriber=1):
    of = {"subscriber": subscriber, "issued_on": issued, "month": date(issued.year, 1, 1)}
    return {**of, "amount_minor": amount, "kind": kind}


def person(subscriber):
    long_ago = days_before(300)
    return {
        "subscriber": subscriber, "recorded_on": long_ago, "customer": None, "activated_on": long_ago, "birth_date": None,
        "gender": None, "district": None, "payment": "prepaid", "segment": "public",
    }  # fmt: skip


def call(day):
    return {
        "subscriber": 1, "started_at": datetime.combine(day, time(9)), "kind": "voice", "direction": "out", "reach": "local",
        "roaming": "none", "peer": 7, "duration_s": 60, "volume_kb": 0,
    }  # fmt: skip


def test_three_bills_of_a_hundred_and_a_note_of_ninety_are_seventy_a_month(town):
    bills = [bill(days_before(days), 10_000) for days in (20, 50, 80)]
    note = bill(days_before(10), -9_000)
    calls = [call(days_before(days)) for days in (1, 40, 80, 119)]
    wide = town.put({"subscribers": [person(1)], "bills": [*bills, note], "usage": calls}).wide(DAY)
    assert wide[1]["arpu"] == 70


def test_however_a_months_amount_is_split_into_a_bill_and_corrections_its_features_are_those_of_the_bill(
    town,
):
    draw, pairs, bills = random.Random(1), range(1, 60, 2), []
    for one, days in product(pairs, (20, 50, 80)):
        issued, amount = days_before(days), draw.randrange(50_000)
        changes = [draw.randrange(-20_000, 20_000) for _ in range(draw.randrange(5))]
        bills += [bill(issued, amount, subscriber=one), bill(issued, amount - sum(changes), "bill", one + 1)]
        bills += [
            bill(issued, change, draw.choice(("correction", "credit_note")), one + 1) for change in changes
        ]
    people = [person(number) for one in pairs for number in (one, one + 1)]
    calls = [call(days_before(days)) for days in (1, 40, 80, 119)]
    wide = town.put({"subscribers": people, "bills": bills, "usage": calls}).wide(DAY)
    names = ("arpu", "arpu_change", "billed_1m")
    found = [[[wide[number][name] for name in names] for number in (one, one + 1)] for one in pairs]
    assert all(split == whole for whole, split in found)


def test_a_payment_taken_back_is_no_payment(town):
    paid = [
        {"subscriber": 1, "paid_on": days_before(days), "due_on": days_before(due), "amount_minor": amount}
        for days, due, amount in ((20, 25, 5_000), (10, 60, -5_000), (50, 50, 5_000), (80, 80, 5_000))
    ]
    calls = [call(days_before(days)) for days in (1, 40, 80, 119)]
    wide = town.put({"subscribers": [person(1)], "payments": paid, "usage": calls}).wide(DAY)
    found = [
        wide[1][name]
        for name in ("payments_3m", "payments_late_3m", "days_late_max_3m", "days_since_payment")
    ]
    assert found == [3, 1, 5, 19]
