"""A credit note lowers the mean bill and is no bill of its own."""

from datetime import date, datetime, time, timedelta

from tests.features.records import AS_OF

DAY = AS_OF[0]


def days_before(number):
    return DAY - timedelta(days=number)


def bill(issued, amount):
    return {"subscriber": 1, "issued_on": issued, "month": date(issued.year, 1, 1), "amount_minor": amount}


def call(day):
    return {
        "subscriber": 1, "started_at": datetime.combine(day, time(9)), "kind": "voice", "direction": "out", "reach": "local",
        "roaming": "none", "peer": 7, "duration_s": 60, "volume_kb": 0,
    }  # fmt: skip


def test_three_bills_of_a_hundred_and_a_note_of_ninety_are_seventy_a_month(town):
    long_ago = days_before(300)
    person = {
        "subscriber": 1, "recorded_on": long_ago, "customer": None, "activated_on": long_ago, "birth_date": None,
        "gender": None, "district": None, "payment": "prepaid", "segment": "public",
    }  # fmt: skip
    bills = [bill(days_before(days), 10_000) for days in (20, 50, 80)]
    note = bill(days_before(10), -9_000)
    calls = [call(days_before(days)) for days in (1, 40, 80, 119)]
    wide = town.put({"subscribers": [person], "bills": [*bills, note], "usage": calls}).wide(DAY)
    assert wide[1]["arpu"] == 70


def test_a_payment_taken_back_is_no_payment(town):
    long_ago = days_before(300)
    person = {
        "subscriber": 1, "recorded_on": long_ago, "customer": None, "activated_on": long_ago, "birth_date": None,
        "gender": None, "district": None, "payment": "prepaid", "segment": "public",
    }  # fmt: skip
    paid = [
        {"subscriber": 1, "paid_on": days_before(days), "due_on": days_before(due), "amount_minor": amount}
        for days, due, amount in ((20, 25, 5_000), (10, 60, -5_000), (50, 50, 5_000), (80, 80, 5_000))
    ]
    calls = [call(days_before(days)) for days in (1, 40, 80, 119)]
    wide = town.put({"subscribers": [person], "payments": paid, "usage": calls}).wide(DAY)
    found = [
        wide[1][name]
        for name in ("payments_3m", "payments_late_3m", "days_late_max_3m", "days_since_payment")
    ]
    assert found == [3, 1, 5, 19]
