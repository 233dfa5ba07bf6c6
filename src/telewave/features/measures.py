"""Measures: what one day's records of a source say of one subscriber, in whole numbers that add up.

A measure is a sum or a maximum over the day's records; both can be taken over any split of the records, in any order,
on any engine, with the same result. Sources: the contracts of `records/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

import ibis
import ibis.expr.types as ir

Flags = Callable[[ir.Table], ir.Table]


Combine = Literal["sum", "max"]
Fold = Literal["sum", "max", "latest"]
"""`latest` is a maximum of days: what it finds is so however far back the records go."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One mergeable aggregate: `value` of each record, combined over the day's records, folded over the days."""

    name: str
    value: Callable[[ir.Table], ir.Value]
    combine: Combine = "sum"
    fold: Fold = "sum"


class Rhythm(Enum):
    """How often an operator's records of a source come at the least: what is missing shows by it."""

    DAILY = "daily"
    MONTHLY = "monthly"
    OCCASIONAL = "occasional"
    """No record for a month may well mean that nothing happened."""


@dataclass(frozen=True, slots=True)
class Source:
    """The measures of one contract. `prepare` computes what several measures share, once a record."""

    contract: str
    rhythm: Rhythm
    prepare: Flags
    measures: tuple[Measure, ...]


def counted(name: str, when: Callable[[ir.Table], ir.BooleanValue]) -> Measure:
    """How many records are `when`."""
    return Measure(name, lambda t: _where(when(t), 1))


def summed(name: str, column: str, when: Callable[[ir.Table], ir.BooleanValue]) -> Measure:
    """The sum of `column` over the records that are `when`."""
    return Measure(name, lambda t: _where(when(t), t[column]))


def _where(when: ir.BooleanValue, value: ir.Value | int) -> ir.Value:
    """`value`, or zero where the condition does not hold: quicker than multiplying by it."""
    return when.ifelse(value, 0)


def latest(name: str, column: str) -> Measure:
    """The last day of `column`, as days since 1970-01-01."""
    return Measure(name, lambda t: day_number(t[column]), "max", "latest")


def seen(name: str) -> Measure:
    """One for a day with any record: folded, the number of such days."""
    return Measure(name, lambda t: t.subscriber.notnull().cast("int64"), "max", "sum")


def day_number(day: ir.Value) -> ir.Value:
    """Whole days since 1970-01-01 of a date or an instant, the same on every engine."""
    return day.cast("date").delta(ibis.date(1970, 1, 1), unit="day").cast("int64")


def _usage(t: ir.Table) -> ir.Table:
    hour = t.started_at.hour()
    voice, data = t.kind == "voice", t.kind == "mobile_data"
    return t.select(
        "subscriber",
        "started_at",
        "duration_s",
        "volume_kb",
        voice=voice,
        sms=t.kind == "sms",
        mms=t.kind == "mms",
        data=data,
        broadband=t.kind == "broadband_data",
        calling=voice & (t.direction == "out"),
        called=voice & (t.direction == "in"),
        sent=t.direction == "out",
        home=t.roaming == "none",
        abroad=t.roaming == "international",
        inter_provincial=t.reach == "inter_provincial",
        hk_mo_tw=t.reach == "hk_mo_tw",
        international=t.reach == "international",
        night=(hour >= 22) | (hour < 6),
        office=(hour >= 9) & (hour < 18),
        evening=(hour >= 18) & (hour < 22),
        weekend=t.started_at.day_of_week.index() >= 5,
    )


USAGE = Source(
    "usage",
    Rhythm.DAILY,
    _usage,
    (
        seen("active_days"),
        latest("last_used", "started_at"),
        counted("calls", lambda t: t.voice),
        summed("call_s", "duration_s", lambda t: t.voice),
        counted("calls_out", lambda t: t.calling),
        summed("called_home_s", "duration_s", lambda t: t.called & t.home),
        summed("calling_home_s", "duration_s", lambda t: t.calling & t.home),
        summed(
            "calling_home_inter_provincial_s", "duration_s", lambda t: t.calling & t.home & t.inter_provincial
        ),
        counted("calls_inter_provincial", lambda t: t.voice & t.inter_provincial),
        counted("calls_hk_mo_tw", lambda t: t.voice & t.hk_mo_tw),
        counted("calls_international", lambda t: t.voice & t.international),
        summed(
            "call_long_distance_abroad_s", "duration_s", lambda t: t.voice & (t.hk_mo_tw | t.international)
        ),
        summed("call_roaming_s", "duration_s", lambda t: t.voice & ~t.home),
        counted("calls_roaming", lambda t: t.voice & ~t.home),
        counted("calls_night", lambda t: t.voice & t.night),
        counted("calls_weekend", lambda t: t.voice & t.weekend),
        counted("calls_office", lambda t: t.voice & t.office),
        counted("calls_evening", lambda t: t.voice & t.evening),
        counted("calls_short", lambda t: t.voice & (t.duration_s < 10)),
        counted("calls_long", lambda t: t.voice & (t.duration_s >= 300)),
        counted("sms", lambda t: t.sms),
        counted("sms_out", lambda t: t.sms & t.sent),
        counted("mms", lambda t: t.mms),
        counted("mms_out", lambda t: t.mms & t.sent),
        counted("data_sessions", lambda t: t.data),
        summed("data_s", "duration_s", lambda t: t.data),
        summed("data_kb", "volume_kb", lambda t: t.data),
        summed("data_night_kb", "volume_kb", lambda t: t.data & t.night),
        summed("data_weekend_kb", "volume_kb", lambda t: t.data & t.weekend),
        summed("data_roaming_kb", "volume_kb", lambda t: t.data & ~t.home),
        summed("broadband_s", "duration_s", lambda t: t.broadband),
        summed("broadband_kb", "volume_kb", lambda t: t.broadband),
        summed("broadband_evening_kb", "volume_kb", lambda t: t.broadband & t.evening),
        counted("abroad_records", lambda t: t.abroad),
    ),
)


def _as_it_is(t: ir.Table) -> ir.Table:
    return t


def _is_bill(t: ir.Table) -> ir.BooleanValue:
    """Whether a row is a bill of its own: where no kind is said, any that is not below zero."""
    return ibis.cases((t.kind.isnull(), t.amount_minor >= 0), else_=t.kind == "bill")


BILLS = Source(
    "bills",
    Rhythm.MONTHLY,
    _as_it_is,
    (counted("bills", _is_bill), Measure("billed_fen", lambda t: t.amount_minor)),
)


def _paid(t: ir.Table) -> ir.BooleanValue:
    """Whether money came in: an amount below zero takes a payment back, and is none."""
    return t.amount_minor >= 0


PAYMENTS = Source(
    "payments",
    Rhythm.MONTHLY,
    _as_it_is,
    (
        counted("payments", _paid),
        counted("payments_late", lambda t: _paid(t) & (t.paid_on > t.due_on)),
        Measure(
            "days_late",
            lambda t: _paid(t).ifelse(
                ibis.greatest(day_number(t.paid_on) - day_number(t.due_on), 0), ibis.null("int64")
            ),
            "max",
            "max",
        ),
        Measure(
            "last_paid",
            lambda t: _paid(t).ifelse(day_number(t.paid_on), ibis.null("int64")),
            "max",
            "latest",
        ),
    ),
)

CONTACTS = Source(
    "contacts",
    Rhythm.OCCASIONAL,
    _as_it_is,
    (
        counted("contacts", lambda t: t.channel.notnull()),
        counted("contacts_call", lambda t: t.channel == "outbound_call"),
        counted("contacts_sms", lambda t: t.channel.isin(["sms", "mms"])),
        counted("contacts_hall", lambda t: t.channel.isin(["hall", "third_party_shop"])),
        counted(
            "contacts_online", lambda t: t.channel.isin(["email", "web_push", "web_hall", "app", "social"])
        ),
        counted(
            "contacts_unanswered", lambda t: (t.channel == "outbound_call") & (t.disposition == "no_answer")
        ),
        counted("contacts_refused", lambda t: t.disposition.isin(["hung_up", "refused", "opted_out"])),
        counted(
            "contacts_willing", lambda t: t.disposition.isin(["willing", "clicked", "replied", "visited"])
        ),
        latest("last_contacted", "contacted_at"),
    ),
)

COMPLAINTS = Source(
    "complaints",
    Rhythm.OCCASIONAL,
    _as_it_is,
    (
        counted("complaints", lambda t: t.topic.notnull()),
        counted("complaints_billing", lambda t: t.topic == "billing"),
        counted("complaints_marketing", lambda t: t.topic == "marketing"),
        latest("last_complained", "opened_at"),
    ),
)

ORDERS = Source(
    "orders",
    Rhythm.OCCASIONAL,
    _as_it_is,
    (counted("orders", lambda t: t.offer.notnull()), latest("last_ordered", "ordered_at")),
)

SOURCES: tuple[Source, ...] = (USAGE, BILLS, PAYMENTS, CONTACTS, COMPLAINTS, ORDERS)
