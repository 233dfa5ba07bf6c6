"""Records for the tests of features: made by hypothesis or by a seed, from the contracts' own columns, codes and ranges."""

import random
from datetime import date, datetime, time, timedelta

from hypothesis import strategies as st

from telewave.kernel.periods import month_window
from telewave.records.contracts import CONTRACTS
from telewave.records.model import Kind

# Every boundary that a feature names, and both sides of it.
TIMES = [time(0), time(5, 59, 59), time(6), time(8, 59, 59), time(9), time(17, 59, 59), time(18)]
TIMES += [time(21, 59, 59), time(22), time(23, 59, 59, 999_999)]
DURATIONS = [0, 1, 9, 10, 11, 299, 300, 301, 3600, 7 * 86_400]
VOLUMES = [0, 1, 1023, 1024, 5_000_000, 4_000_000_000]
AS_OF = [date(2026, 7, 15), date(2026, 3, 31), date(2024, 2, 29), date(2026, 1, 1)]
PAST = [
    -400,
    -120,
    -92,
    -91,
    -90,
    -89,
    -63,
    -62,
    -61,
    -60,
    -59,
    -32,
    -31,
    -30,
    -29,
    -28,
    -27,
    -15,
    -8,
    -7,
    -6,
    -2,
    -1,
]
DAYS = [*PAST, 0, 1, 2, 40]
EVENTS = ("usage", "bills", "payments", "contacts", "complaints", "orders")


def column_values(column, as_of, people, days):
    """All values to choose from for a column, dates from `days`; None only where the contract allows it."""
    match column.kind:
        case Kind.DATE | Kind.INSTANT:
            values = times(column, as_of, days)
        case Kind.CODE:
            values = list(column.codes)
        case Kind.INTEGER:
            values = {"duration_s": DURATIONS, "volume_kb": VOLUMES}.get(column.name, [1, 2])
        case kind:
            values = {
                Kind.SUBSCRIBER: list(range(people)),
                Kind.PEER: [-(2**63), -1, 0, 7, 2**63 - 1, *range(100, 110)],
                Kind.MONEY: [0, 1, 99, 100, 5_800, 12_345_678],
                Kind.FLAG: [True, False],
                Kind.KEY: ["c1", "C-2"],
                Kind.TEXT: ["a", "b", "南区"],
            }[kind]
    return values if column.required else [None, *values]


def times(column, as_of, days):
    """Dates or instants of a column; dates of long ago around the as-of date's own day of the year."""
    if column.kind is Kind.INSTANT:
        return [datetime.combine(day, at) for day in days for at in TIMES]
    if column.name not in ("birth_date", "activated_on", "used_from"):
        return days
    ago = [date(1980, 2, 29), date(1999, 12, 31), date(2020, 1, 31), date(2001, as_of.month, 1)]
    ago += [date(1990 + n, 1, 1) + timedelta(as_of.timetuple().tm_yday + n) for n in range(-4, 4)]
    return ago if column.name == "birth_date" else [*ago, *days]


def choices(as_of, people, offsets):
    """For each table, the values of each column; records fall on the days `offsets` from `as_of`."""
    fallen, all_days = [as_of + timedelta(d) for d in offsets], [as_of + timedelta(d) for d in DAYS]
    return {
        name: {
            c.name: column_values(c, as_of, people, fallen if c.name == contract.dated_by else all_days)
            for c in contract.columns
        }
        for name, contract in CONTRACTS.items()
    }


@st.composite
def by_hypothesis(draw, people=3, most=10, days=3):
    """An as-of date and records of all tables, on few days, full of edges."""
    as_of = draw(st.sampled_from(AS_OF))
    offsets = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=days, unique=True))
    records = {}
    for name, values in choices(as_of, people, offsets).items():
        row = st.fixed_dictionaries({column: st.sampled_from(some) for column, some in values.items()})
        most_rows = 3 * most if name == "usage" else most
        records[name] = list(unique(name, draw(st.lists(row, max_size=most_rows))))
    for name in EVENTS:
        records[name] += [witness(name, day) for day in draw(st.sampled_from(histories(as_of)))]
    return as_of, present(records, as_of, people)


def histories(as_of):
    """Days on which somebody is on record, so that windows are known or just not: from around an edge on, or once a month."""
    edges = {edge + timedelta(n) for k in range(3) for edge in month_window(as_of, k) for n in (-1, 0)}
    monthly = tuple(month_window(as_of, k)[0] for k in range(3))
    return [(), monthly, monthly[1:], (monthly[0], monthly[2]), *((day,) for day in sorted(edges))]


def witness(table, day):
    """A record of subscriber 0 on a day."""
    return {c.name: column_values(c, day, 1, [day])[-1] for c in CONTRACTS[table].columns}


def by_seed(as_of, people, a_person, offsets=tuple(DAYS), seed=1):
    """Records of all tables with `a_person` rows a table and person in the mean, four times that of usage. Nobody's line ends."""
    rng = random.Random(seed)
    records = {}
    for name, values in choices(as_of, people, offsets).items():
        many = people * a_person * (4 if name == "usage" else 1)
        rows = [{column: rng.choice(some) for column, some in values.items()} for _ in range(many)]
        records[name] = list(unique(name, rows))
    records["subscribers"] = [row | {"ended_on": None} for row in records["subscribers"]]
    return present(records, as_of, people)


def unique(table, rows):
    """The last row of each key: what ingest would let pass."""
    return {tuple(row[k] for k in CONTRACTS[table].key): row for row in rows}.values()


def present(records, as_of, people):
    """The same with everybody recorded before `as_of`, and a usage record on the eve, as a wide table needs."""
    first = as_of - timedelta(900)
    basis = {"activated_on": date(2020, 1, 1), "payment": "prepaid", "segment": "public"}
    empty = dict.fromkeys(c.name for c in CONTRACTS["subscribers"].columns)
    known = [{**empty, **basis, "subscriber": number, "recorded_on": first} for number in range(people)]
    eve = datetime.combine(as_of - timedelta(1), time(12))
    use = dict.fromkeys(c.name for c in CONTRACTS["usage"].columns)
    use |= {
        "subscriber": 0,
        "started_at": eve,
        "kind": "sms",
        "roaming": "none",
        "duration_s": 0,
        "volume_kb": 0,
    }
    return {
        **records,
        "subscribers": [*known, *records["subscribers"]],
        "usage": [use, *records["usage"]],
    }


def day_of(table, row):
    """The local day from which on a row is known, as its partition is called."""
    return row[CONTRACTS[table].dated_by].isoformat()[:10]


def before(records, as_of):
    """What was known as of a date."""
    return {
        table: [r for r in rows if day_of(table, r) < as_of.isoformat()] for table, rows in records.items()
    }
