"""A credit note lowers the mean bill and is no bill of its own."""

from datetime import date, datetime, time

from tests.features.records import AS_OF

DAY = AS_OF[0]


def months_before(number):
    month = DAY.year * 12 + DAY.month - 1 - number
    return date(month // 12, month % 12 + 1, 1)


def test_three_bills_of_a_hundred_and_a_note_of_ninety_are_seventy_a_month(town):
    bills = [
        {
            "subscriber": 1,
            "issued_on": months_before(n),
            "month": months_before(n + 1),
            "amount_minor": 10_000,
        }
        for n in (1, 2, 3)
    ]
    note = {"subscriber": 1, "issued_on": months_before(1), "month": months_before(3), "amount_minor": -9_000}
    person = {
        "subscriber": 1, "recorded_on": months_before(12), "customer": None, "activated_on": months_before(12), "birth_date": None,
        "gender": None, "district": None, "payment": "prepaid", "segment": "public",
    }  # fmt: skip
    call = {
        "subscriber": 1, "started_at": datetime.combine(months_before(1), time(9)), "kind": "voice", "direction": "out", "reach": "local",
        "roaming": "none", "peer": 7, "duration_s": 60, "volume_kb": 0,
    }  # fmt: skip
    wide = town.put({"subscribers": [person], "bills": [*bills, note], "usage": [call]}).wide(DAY)
    assert wide[1]["arpu"] == 70
