"""Tables of the operations database: the contact ledger, its log and acts, objections, contact policies."""

from __future__ import annotations

import sqlalchemy as sa

from telewave.platform.database import Instant, metadata

LONG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

contact_policies = sa.Table(
    "contact_policies",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
)

contact_acts = sa.Table(
    "contact_acts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("what", sa.String(20), nullable=False),
    sa.Column("about", sa.String(500), nullable=False),
    sa.Column("policy", sa.Integer, nullable=False),
)
"""`policy`: version of the house's contact policy that held, 0 before there was one."""

contact_waves = sa.Table(
    "contact_waves",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("plan", sa.ForeignKey("plans.hash"), nullable=False),
    sa.Column("campaign", sa.String(120), nullable=False),
    sa.Column("phase", sa.String(120), nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.UniqueConstraint("plan", "phase", "day"),
    sa.Index(None, "campaign"),
)

contact_ledger = sa.Table(
    "contact_ledger",
    metadata,
    sa.Column("id", LONG, primary_key=True),
    sa.Column("wave", sa.Integer, nullable=False),
    sa.Column("subscriber", sa.Integer, nullable=False),
    sa.Column("channel", sa.String(120), nullable=False),
    sa.Column("step", sa.SmallInteger, nullable=False),
    sa.Column("recorded_as", sa.String(60), nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("disposition", sa.String(20)),
    sa.Column("reason", sa.String(30)),
    sa.Column("reference", sa.String(200)),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("act", sa.Integer, nullable=False),
    sa.Column("agent", sa.String(120)),
    sa.UniqueConstraint("wave", "subscriber", "channel", "step"),
    sa.Index("ix_contact_ledger_subscriber", "subscriber", "day"),
)
"""`channel`: the plan's; `recorded_as`: what the records call it; `sequence`: transitions so far; `act`: the last;
`agent`: who made it last, where that was told.
Keys of other tables are not checked row by row, here and in the log: with a million rows that is most of the time on
PostgreSQL, and one function writes them.
"""

contact_log = sa.Table(
    "contact_log",
    metadata,
    sa.Column("contact", LONG, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("act", sa.Integer, nullable=False),
    sa.Column("from_state", sa.String(12), nullable=False),
    sa.Column("to_state", sa.String(12), nullable=False),
    sa.Column("disposition", sa.String(20)),
    sa.Column("reason", sa.String(30)),
)
"""Rows are added, never changed."""

contact_counts = sa.Table(
    "contact_counts",
    metadata,
    sa.Column("wave", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("channel", sa.String(120), primary_key=True),
    sa.Column("made", sa.Integer, nullable=False),
    sa.Column("way", sa.String(10)),
)
"""How many contacts of a wave are in a state that counts as a contact, kept with every transition: a channel's day is
asked for with every batch, and counting the day's rows anew would take longer with each. `way`: how they are carried
out, by a list or by agents one at a time; null until somebody begins.
"""

objections = sa.Table(
    "objections",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("subscriber", sa.Integer, nullable=False),
    sa.Column("recorded_as", sa.String(60), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("act", sa.ForeignKey("contact_acts.id"), nullable=False),
    sa.Column("confirmed_by", sa.ForeignKey("contact_acts.id")),
    sa.UniqueConstraint("subscriber", "recorded_as", "kind"),
)
"""Who is not to be contacted through what the records call `recorded_as`; through nothing where it is `EVERYTHING`.
`confirmed_by`: the act in which the mandatory confirmation went out.
"""

EVERYTHING = "*"
LISTED = "listed"
"""The kind of an objection that came with an exclusion list; others are called by their disposition."""
