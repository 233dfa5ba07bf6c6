"""The wide table by hand: plain loops over records, written from the meanings in the catalogue and from nothing else of the code.

Records are dicts in the contracts' columns, by table. Dates are `date`, instants `datetime`.
"""

from calendar import monthrange
from datetime import date, datetime

MONTH = 365.2425 / 12


def wide(records, as_of):
    """Feature values by subscriber, for everybody recorded before `as_of` whose line had not ended on its eve."""
    known = [row for row in records["subscribers"] if row["recorded_on"] < as_of]
    last = {row["subscriber"]: row for row in sorted(known, key=lambda row: row["recorded_on"])}
    there = [number for number, row in last.items() if not row["ended_on"] or row["ended_on"] >= as_of]
    rows = {subscriber: row_of(records, subscriber, as_of) for subscriber in there}
    unknown = [name for name in next(iter(rows.values()), ()) if not on_record(records, name, as_of)]
    return {subscriber: row | dict.fromkeys(unknown) for subscriber, row in rows.items()}


def row_of(records, subscriber, as_of):
    own = {table: [r for r in rows if r["subscriber"] == subscriber] for table, rows in records.items()}
    row = {}
    row |= profile(own["subscribers"], as_of)
    row |= held(own["holdings"], as_of)
    row |= device(own["devices"], as_of)
    row |= money(own["bills"], own["payments"], as_of)
    row |= use(own["usage"], as_of)
    row |= relation(own["contacts"], own["complaints"], own["orders"], as_of)
    return row


STATES = {
    "age",
    "tenure_months",
    "gender",
    "district",
    "payment",
    "segment",
    "has_mobile",
    "has_broadband",
    "has_iptv",
}
STATES |= {"products_held", "value_added_held", "contract_months_left", "device_kind", "device_generation"}
STATES |= {"device_brand", "device_age_months", "device_price"}
ELSEWHERE = {
    "bills": ("arpu", "billed"),
    "payments": ("payments", "days_late"),
    "contacts": ("contacts",),
    "complaints": ("complaints",),
    "orders": ("orders",),
}
DATED = {"usage": "started_at", "bills": "issued_on", "payments": "paid_on"}
DATED |= {"contacts": "contacted_at", "complaints": "opened_at", "orders": "ordered_at"}


def on_record(records, name, as_of):
    """Whether anybody's records go back over what a feature looks back on. When something was last is so however far they go."""
    if name in STATES or name.startswith("days_since_"):
        return True
    table = next((t for t, begins in ELSEWHERE.items() if name.startswith(begins)), "usage")
    months = 1 if name.endswith("_1m") else 3
    rows = [*records["orders"], *records["usage"]] if table == "orders" else records[table]
    days = [
        day
        for r in rows
        if (day := day_of(r.get("ordered_at") or r[DATED["usage" if table == "orders" else table]])) < as_of
    ]
    if not days:
        return False
    if table == "usage":
        return min(days) <= plus_months(as_of, -months)
    if table in ("bills", "payments"):
        edges = [(plus_months(as_of, -k - 1), plus_months(as_of, -k)) for k in range(months)]
        return all(any(low <= day < high for day in days) for low, high in edges)
    return min(days) < plus_months(as_of, 1 - months)


def plus_months(day, months):
    year, month = day.year, day.month
    while months:
        step = 1 if months > 0 else -1
        month += step
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
        months -= step
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def whole_months(start, end):
    count = 0
    while plus_months(start, count + 1) <= end:
        count += 1
    while plus_months(start, count) > end:
        count -= 1
    return count


def day_of(value):
    return value.date() if isinstance(value, datetime) else value


def within(rows, column, as_of, months):
    """Rows of the `months` calendar months that end on the eve of `as_of`."""
    return [r for r in rows if plus_months(as_of, -months) <= day_of(r[column]) < as_of]


def ratio(part, whole):
    return part / whole if whole else None


def eve_distance(rows, column, as_of):
    days = [(as_of - day_of(r[column])).days - 1 for r in within(rows, column, as_of, 3)]
    return min(days) if days else None


def change(last, three):
    return last - (three - last) / 2


def newest(rows, *columns):
    return max(rows, key=lambda r: tuple(r[c] for c in columns)) if rows else None


def profile(rows, as_of):
    last = newest([r for r in rows if r["recorded_on"] < as_of], "recorded_on")
    birth = last["birth_date"]
    age = None
    if birth is not None:
        age = 0
        while plus_months(birth, 12 * (age + 1)) <= as_of:
            age += 1
    return {
        "age": age,
        "tenure_months": whole_months(last["activated_on"], as_of),
        **{name: last[name] for name in ("gender", "district", "payment", "segment")},
    }


def held(rows, as_of):
    products = []
    for product in {r["product"] for r in rows}:
        last = newest(
            [r for r in rows if r["product"] == product and r["recorded_on"] < as_of], "recorded_on"
        )
        if last and last["starts_on"] < as_of and (last["ends_on"] is None or last["ends_on"] >= as_of):
            products.append(last)
    kinds = [p["kind"] for p in products]
    running = [
        p["contract_ends_on"] for p in products if p["contract_ends_on"] and p["contract_ends_on"] >= as_of
    ]
    return {
        "has_mobile": "mobile" in kinds,
        "has_broadband": "broadband" in kinds,
        "has_iptv": "iptv" in kinds,
        "products_held": len(products),
        "value_added_held": kinds.count("value_added"),
        "contract_months_left": (max(running) - as_of).days / MONTH if running else None,
    }


def device(rows, as_of):
    last = newest([r for r in rows if r["recorded_on"] < as_of], "recorded_on", "used_from")
    names = ("device_kind", "device_generation", "device_brand", "device_age_months", "device_price")
    if last is None:
        return dict.fromkeys(names)
    price = last["price_minor"]
    return {
        "device_kind": last["kind"],
        "device_generation": last["generation"],
        "device_brand": last["brand"],
        "device_age_months": whole_months(last["used_from"], as_of),
        "device_price": None if price is None else price / 100,
    }


def is_bill(row):
    """A correction or a credit note is no bill of its own; where nothing is said, an amount below zero tells it."""
    return row["kind"] == "bill" if row["kind"] else row["amount_minor"] >= 0


def money(bills, payments, as_of):
    of = {m: within(bills, "issued_on", as_of, m) for m in (1, 3)}
    amounts = {m: [b["amount_minor"] / 100 for b in of[m]] for m in (1, 3)}
    bills = {m: len([b for b in of[m] if is_bill(b)]) for m in (1, 3)}
    before = bills[3] - bills[1]
    recent = ratio(sum(amounts[1]), bills[1])
    earlier = ratio(sum(amounts[3]) - sum(amounts[1]), before)
    delays = [max(0, (p["paid_on"] - p["due_on"]).days) for p in within(payments, "paid_on", as_of, 3)]
    row = {
        "arpu": ratio(sum(amounts[3]), bills[3]),
        "arpu_change": None if recent is None or earlier is None else recent - earlier,
        "billed_1m": sum(amounts[1]),
        "days_late_max_3m": max(delays) if delays else None,
        "days_since_payment": eve_distance(payments, "paid_on", as_of),
    }
    for m in (1, 3):
        paid = within(payments, "paid_on", as_of, m)
        row[f"payments_{m}m"] = len(paid)
        row[f"payments_late_{m}m"] = len([p for p in paid if p["paid_on"] > p["due_on"]])
    return row


def volumes(rows):
    """What the windows of usage hold, in everyday units, before ratios."""
    calls = [r for r in rows if r["kind"] == "voice"]
    home = [r for r in calls if r["roaming"] == "none"]
    data = [r for r in rows if r["kind"] == "mobile_data"]
    broadband = [r for r in rows if r["kind"] == "broadband_data"]

    def minutes(of):
        return sum(r["duration_s"] for r in of) / 60

    def megabytes(of):
        return sum(r["volume_kb"] for r in of) / 1024

    def out(of):
        return [r for r in of if r["direction"] == "out"]

    return {
        "called_home_min": minutes(r for r in home if r["direction"] == "in"),
        "calling_home_min": minutes(out(home)),
        "calling_home_inter_provincial_min": minutes(
            r for r in out(home) if r["reach"] == "inter_provincial"
        ),
        "call_min": minutes(calls),
        "calls": len(calls),
        "calls_out": len(out(calls)),
        "calls_inter_provincial": len([r for r in calls if r["reach"] == "inter_provincial"]),
        "calls_hk_mo_tw": len([r for r in calls if r["reach"] == "hk_mo_tw"]),
        "calls_international": len([r for r in calls if r["reach"] == "international"]),
        "long_distance_abroad_min": minutes(r for r in calls if r["reach"] in ("hk_mo_tw", "international")),
        "roaming_min": minutes(r for r in calls if r["roaming"] != "none"),
        "calls_roaming": len([r for r in calls if r["roaming"] != "none"]),
        "counterparties": len({r["peer"] for r in rows if r["peer"] is not None}),
        "sms": len([r for r in rows if r["kind"] == "sms"]),
        "sms_out": len(out(r for r in rows if r["kind"] == "sms")),
        "mms": len([r for r in rows if r["kind"] == "mms"]),
        "mms_out": len(out(r for r in rows if r["kind"] == "mms")),
        "data_min": minutes(data),
        "data_mb": megabytes(data),
        "data_sessions": len(data),
        "data_roaming_mb": megabytes(r for r in data if r["roaming"] != "none"),
        "broadband_min": minutes(broadband),
        "broadband_mb": megabytes(broadband),
        "active_days": len({r["started_at"].date() for r in rows}),
    }


def shares(rows):
    """Ratios over the three months of usage."""
    calls = [r for r in rows if r["kind"] == "voice"]
    data = [r for r in rows if r["kind"] == "mobile_data"]
    broadband = [r for r in rows if r["kind"] == "broadband_data"]

    def of_calls(when):
        return ratio(len([r for r in calls if when(r)]), len(calls))

    def of_volume(rows, when):
        return ratio(sum(r["volume_kb"] for r in rows if when(r)), sum(r["volume_kb"] for r in rows))

    def night(r):
        return r["started_at"].hour in (22, 23, 0, 1, 2, 3, 4, 5)

    def evening(r):
        return r["started_at"].hour in (18, 19, 20, 21)

    def weekend(r):
        return r["started_at"].strftime("%A") in ("Saturday", "Sunday")

    return {
        "call_length_3m": ratio(sum(r["duration_s"] for r in calls), len(calls)),
        "calling_share_3m": of_calls(lambda r: r["direction"] == "out"),
        "night_share_3m": of_calls(night),
        "weekend_share_3m": of_calls(weekend),
        "office_share_3m": of_calls(lambda r: r["started_at"].hour in range(9, 18)),
        "evening_share_3m": of_calls(evening),
        "short_call_share_3m": of_calls(lambda r: r["duration_s"] < 10),
        "long_call_share_3m": of_calls(lambda r: r["duration_s"] >= 300),
        "calls_per_counterparty_3m": ratio(
            len(calls), len({r["peer"] for r in rows if r["peer"] is not None})
        ),
        "data_night_share_3m": of_volume(data, night),
        "data_weekend_share_3m": of_volume(data, weekend),
        "broadband_evening_share_3m": of_volume(broadband, evening),
        "been_abroad_3m": any(r["roaming"] == "international" for r in rows),
    }


def use(rows, as_of):
    last, three = within(rows, "started_at", as_of, 1), within(rows, "started_at", as_of, 3)
    row = shares(three)
    for months, volume in ((1, volumes(last)), (3, volumes(three))):
        row |= {f"{name}_{months}m": value for name, value in volume.items()}
    for name in ("called_home_min", "call_min", "calls", "data_min", "data_mb", "broadband_mb"):
        row[f"{name}_change"] = change(row[f"{name}_1m"], row[f"{name}_3m"])
    return row | {"days_since_use": eve_distance(rows, "started_at", as_of)}


ONLINE = ("email", "web_push", "web_hall", "app", "social")


def relation(contacts, complaints, orders, as_of):
    row = {
        "days_since_contact": eve_distance(contacts, "contacted_at", as_of),
        "days_since_complaint": eve_distance(complaints, "opened_at", as_of),
        "days_since_order": eve_distance(orders, "ordered_at", as_of),
    }
    for m in (1, 3):
        made = within(contacts, "contacted_at", as_of, m)
        channels = [c["channel"] for c in made]
        topics = [c["topic"] for c in within(complaints, "opened_at", as_of, m)]
        row |= {
            f"contacts_{m}m": len(made),
            f"contacts_call_{m}m": channels.count("outbound_call"),
            f"contacts_sms_{m}m": channels.count("sms") + channels.count("mms"),
            f"contacts_hall_{m}m": channels.count("hall") + channels.count("third_party_shop"),
            f"contacts_online_{m}m": len([c for c in channels if c in ONLINE]),
            f"contacts_refused_{m}m": len(
                [c for c in made if c["disposition"] in ("hung_up", "refused", "opted_out")]
            ),
            f"complaints_{m}m": len(topics),
            f"complaints_billing_{m}m": topics.count("billing"),
            f"complaints_marketing_{m}m": topics.count("marketing"),
            f"orders_{m}m": len(within(orders, "ordered_at", as_of, m)),
        }
    made = within(contacts, "contacted_at", as_of, 3)
    calls = [c for c in made if c["channel"] == "outbound_call"]
    willing = [c for c in made if c["disposition"] in ("willing", "clicked", "replied", "visited")]
    unanswered = [c for c in calls if c["disposition"] == "no_answer"]
    return row | {
        "contacts_willing_share_3m": ratio(len(willing), len(made)),
        "contacts_unanswered_share_3m": ratio(len(unanswered), len(calls)),
    }
