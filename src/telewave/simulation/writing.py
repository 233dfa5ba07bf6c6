"""Rows of the city as Parquet files in the contracts' form; each appears under its name when it is whole."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from telewave.records.contracts import CONTRACTS
from telewave.simulation.assumptions import ASSUMPTIONS
from telewave.simulation.facts import OFFER, Base, OrderKind
from telewave.simulation.lives import Sale
from telewave.simulation.months import day_of, stream
from telewave.simulation.people import DISTRICTS, FAMILY, Array, People, mixed_bits
from telewave.simulation.plan import CityPlan
from telewave.simulation.policies import MONTHS, choice_of, own_channels, taken
from telewave.simulation.process import SCRIPTS
from telewave.simulation.touches import NEVER_AT, Outcomes, Touches

Rows = dict[str, Array]
BRANDS = ("apple", "samsung", "huawei", "xiaomi", "nokia", "other")


def write_tables(folder: Path, block: int, first: date, tables: dict[str, Rows]) -> dict[str, int]:
    """Write one file a table, `<folder>/records/<table>/<first>.<block>.parquet`; returns
    rows by table. Empty ones are not written.
    """
    counts = {}
    for name, rows in tables.items():
        count = len(rows["subscriber"])
        if count:
            target = folder / "records" / name / f"{first}.{block:09d}.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            write_rows(target, name, rows)
        counts[name] = count
    return counts


def write_rows(target: Path, name: str, rows: Rows) -> None:
    """One file of the table `name`; it appears under its name when it is whole."""
    _write(target, contract_rows(name, rows))


def contract_rows(name: str, rows: Rows) -> pa.Table:
    """Columns in the contract's order and types; what is masked, NaT or not there becomes unknown."""
    schema = CONTRACTS[name].schema
    columns = []
    for field in schema:
        if field.name not in rows:
            columns.append(pa.nulls(len(rows["subscriber"]), field.type))
            continue
        values = rows[field.name]
        if pa.types.is_timestamp(field.type):
            columns.append(pa.array(values.astype(np.int64)).view(field.type))
        else:
            columns.append(pa.array(values).cast(field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def write_truth(folder: Path, name: str, table: pa.Table) -> None:
    """One file of the truth folder."""
    _write(folder / "truth" / f"{name}.parquet", table)


def _write(target: Path, table: pa.Table) -> None:
    aside = target.with_suffix(".aside")
    pq.write_table(table, aside, compression="zstd")
    aside.rename(target)


def master_data(plan: CityPlan, people: People, day: date, joined: Array | None = None) -> dict[str, Rows]:
    """Profile, device and products of people who are recorded on `day`, or each on the day he `joined`."""
    n = len(people)
    recorded = np.full(n, day, "datetime64[D]") if joined is None else joined
    # Ages and tenures are as of the city's start, to the day; an unknown date of birth stays unknown.
    start = np.datetime64(plan.start)
    birth = start - (people.age * 365.25).astype("timedelta64[D]")
    birth[~people.age_known] = np.datetime64("NaT")
    activated = (
        start - np.maximum(1, people.tenure * 30.4375).astype("timedelta64[D]") if joined is None else joined
    )
    subscribers: Rows = {
        "subscriber": people.subscriber,
        "recorded_on": recorded,
        "customer": (people.subscriber.astype(np.int64) // FAMILY).astype(str),
        "activated_on": activated,
        "birth_date": birth,
        "gender": np.where(people.female, "female", "male"),
        "district": np.array(DISTRICTS)[people.district],
        "payment": np.where(people.prepaid, "prepaid", "postpaid"),
        "segment": np.where(people.enterprise, "enterprise", "public"),
    }
    return {
        "subscribers": subscribers,
        "devices": _devices(people, recorded, start),
        "holdings": _holdings(stream(plan, people, 0, 8), people, recorded, activated),
    }


def _devices(people: People, recorded: Array, start: np.datetime64) -> Rows:
    rows = np.flatnonzero(people.mobile & (people.base != Base.NEW))
    used = start - np.maximum(1, people.device_months[rows] * 30.4375).astype("timedelta64[D]")
    smart = people.device_smart[rows]
    brand = np.where(smart, people.subscriber[rows] % 4, 4 + people.subscriber[rows] % 2)
    return {
        "subscriber": people.subscriber[rows],
        "recorded_on": recorded[rows],
        "used_from": used,
        "brand": np.array(BRANDS)[brand],
        "kind": np.where(smart, "smartphone", "feature_phone"),
        "generation": np.where(smart, "3g", "2g"),
        "price_minor": np.round(people.device_price[rows] / 10).astype(np.int64) * 1_000,
    }


def _holdings(draw: np.random.Generator, people: People, recorded: Array, activated: Array) -> Rows:
    wired = (people.base == Base.BOTH) | (people.base == Base.BROADBAND)
    never = np.datetime64("NaT")
    # A contract runs two years from activation and is renewed by most of those who like to stay.
    term = (24 * 30.4375 * np.ceil((people.tenure + 1) / 24)).astype("timedelta64[D]")
    # What a person likes shows in what he holds, but does not decide it.
    renewed, ring, news = 1.5 * draw.standard_normal((3, len(people)))
    runs = people.loyalty + renewed > 0
    ends = np.where(runs, activated + term, never)
    products = {
        "mobile_plan": ("mobile", people.mobile),
        "broadband_plan": ("broadband", wired),
        "iptv": ("iptv", wired & (people.subscriber % 5 == 0)),
        "colour_ring": ("value_added", people.mobile & (people.online + ring > 0.5)),
        "news_service": ("value_added", people.mobile & (people.online + news > 1.8)),
    }
    parts = []
    for product, (kind, holds) in products.items():
        rows = np.flatnonzero(holds)
        parts.append(
            {
                "subscriber": people.subscriber[rows],
                "recorded_on": recorded[rows],
                "product": np.full(len(rows), product),
                "kind": np.full(len(rows), kind),
                "starts_on": activated[rows],
                "ends_on": np.full(len(rows), never, "datetime64[D]"),
                "contract_ends_on": ends[rows] if kind != "value_added" else np.full(len(rows), never),
            }
        )
    return joined(*parts)


def ended(holdings: Rows, gone: Array, last: date) -> Rows:
    """What subscribers held who are `gone` after the day `last`: recorded anew on it, with its end."""
    rows = np.isin(holdings["subscriber"], gone)
    ends = {name: np.full(int(rows.sum()), last, "datetime64[D]") for name in ("recorded_on", "ends_on")}
    return {name: values[rows] for name, values in holdings.items()} | ends


def joined(*parts: Rows) -> Rows:
    """The rows of all parts."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def contact_rows(people: People, offer: str, contacts: Touches, what: Outcomes, said: Array) -> Rows:
    """Contacts, what became of them, and its codes. The willing have a reference: of their order, or of their
    appointment at a hall; who clicked or replied only of an order.
    """
    written = np.isin(said, ["clicked", "replied"])
    led = what.willing & (~written | (what.order_at < NEVER_AT))
    subscriber = people.subscriber[contacts.row]
    return {
        "subscriber": subscriber,
        "contacted_at": contacts.at,
        "channel": contacts.channel,
        "offer": np.full(len(subscriber), offer),
        "disposition": said,
        "reached": contacts.reached,
        "reference": told(led, references(subscriber, contacts.at)),
        "agent": told(contacts.agent > 0, np.char.add("a", contacts.agent.astype(str))),
        "script": told(contacts.script >= 0, np.array(SCRIPTS)[contacts.script]),
        "list_position": np.ma.masked_equal(contacts.position, 0),
    }


def told(known: Array, values: Array) -> Array:
    """Texts where they are known, else none."""
    texts = values.astype(object)
    texts[~known] = None
    return texts


def references(subscriber: Array, at: Array) -> Array:
    """Numbers of orders and appointments, of fifteen digits, which tell nothing."""
    seconds = at.astype(np.uint64) // np.uint64(1_000_000)
    mixed = mixed_bits(subscriber.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) ^ seconds)
    return np.asarray((10**14 + mixed % (9 * 10**14)).astype(str))


def order_rows(
    draw: np.random.Generator, people: People, offer: str, sale: Sale, contacted_at: Array | None = None
) -> Rows:
    """The orders of one offer; one that a contact led to has its channel and reference. `contacted_at`: the instants
    of the contacts, whose places `sale.by` tells.
    """
    n, led = len(sale.row), sale.by >= 0
    names, chance = own_channels(people, sale.row)
    own = np.array(names)[np.minimum((np.cumsum(chance, 1) < draw.random(n)[:, None]).sum(1), len(names) - 1)]
    channel = np.where(led, sale.channel, own)
    policy = np.full(n, None, object)
    if offer == OFFER and n:
        choice = choice_of(people, sale.row)
        channel = choice.settled(sale.kind, channel)
        policy = taken(draw, choice, sale.kind, channel).astype(object)
    asked_at = sale.at.copy()
    if contacted_at is not None:
        asked_at[led] = contacted_at[sale.by[led]]
    subscriber = people.subscriber[sale.row]
    waits = np.isin(channel, ["web_hall", "outbound_call"]) * draw.integers(1, 5, n)
    activated = day_of(sale.at).astype("datetime64[D]") + waits.astype("timedelta64[D]")
    activated[draw.random(n) >= ASSUMPTIONS["activates"]] = np.datetime64("NaT")
    return {
        "subscriber": subscriber,
        "ordered_at": sale.at,
        "offer": np.full(n, offer),
        "kind": np.where(sale.kind == OrderKind.NEW_NUMBER, "new_number", "device_only"),
        "channel": channel,
        "policy": policy,
        "reference": references(subscriber, asked_at).astype(object),
        "activated_on": activated,
    }


def handset_rows(people: People, sale: Sale, policy: Array) -> dict[str, Rows]:
    """What taking the handset leaves behind beside the order: the new device, and the contract that each one's policy
    binds him by, if it does.

    A modem is not the device of the line, and binds nobody.
    """
    n, subscriber, day = len(sale.row), people.subscriber[sale.row], day_of(sale.at).astype("datetime64[D]")
    months = np.array([MONTHS[name] for name in policy.tolist()], dtype=float)
    bound = day + np.round(months * 30.4375).astype("timedelta64[D]")
    devices: Rows = {
        "subscriber": subscriber,
        "recorded_on": day,
        "used_from": day,
        "brand": np.full(n, "apple"),
        "kind": np.full(n, "smartphone"),
        "generation": np.full(n, "3g"),
        "price_minor": np.full(n, 469_900),
    }
    holdings: Rows = {
        "subscriber": subscriber,
        "recorded_on": day,
        "product": np.full(n, OFFER),
        "kind": np.full(
            n, "value_added"
        ),  # a contract on a line; a second line of the same customer is not a subscriber here
        "starts_on": day,
        "ends_on": np.full(n, np.datetime64("NaT"), "datetime64[D]"),
        "contract_ends_on": np.where(months > 0, bound, np.datetime64("NaT")),
    }
    return {"devices": devices, "holdings": holdings}
