"""Tables of the operations database: halls, reservations and their log, recall gifts."""

from __future__ import annotations

import sqlalchemy as sa

from telewave.platform.database import Instant, metadata

halls = sa.Table(
    "halls",
    metadata,
    sa.Column("hall", sa.String(120), primary_key=True),
    sa.Column("caller", sa.String(200), nullable=False),
    sa.Column("weekdays", sa.String(20), nullable=False),
    sa.Column("waiting", sa.Integer, nullable=False),
    sa.Column("windows", sa.Integer, nullable=False),
    sa.Column("busy", sa.Boolean, nullable=False),
)
"""`caller`: who makes the hall's second calls; `weekdays`: on which, 0 for Monday, with commas between."""

reservations = sa.Table(
    "hall_reservations",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("campaign", sa.String(120), nullable=False),
    sa.Column("contact", sa.BigInteger, nullable=False, unique=True),
    sa.Column("plan", sa.String(64), nullable=False),
    sa.Column("subscriber", sa.Integer, nullable=False),
    sa.Column("channel", sa.String(120), nullable=False),
    sa.Column("offer", sa.String(120), nullable=False),
    sa.Column("target_group", sa.String(20), nullable=False),
    sa.Column("hall", sa.String(120), nullable=False),
    sa.Column("made_on", sa.Date, nullable=False),
    sa.Column("visit_on", sa.Date),
    sa.Column("ends_on", sa.Date, nullable=False),
    sa.Column("due_on", sa.Date),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("calls", sa.Integer, nullable=False),
    sa.Column("reached", sa.Boolean, nullable=False),
    sa.Column("window", sa.String(12)),
    sa.Column("gift", sa.String(120)),
    sa.Column("gift_given", sa.Boolean, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Index("ix_hall_reservations_hall_state", "hall", "state"),
    sa.Index("ix_hall_reservations_subscriber", "subscriber"),
)
"""`due_on`: of the second call; `sequence`: entries of its log so far."""

log = sa.Table(
    "hall_log",
    metadata,
    sa.Column("reservation", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("from_state", sa.String(12), nullable=False),
    sa.Column("to_state", sa.String(12), nullable=False),
    sa.Column("why", sa.String(200), nullable=False),
)
"""Rows are added, never changed."""

gifts = sa.Table(
    "hall_gifts",
    metadata,
    sa.Column("hall", sa.String(120), primary_key=True),
    sa.Column("gift", sa.String(120), primary_key=True),
    sa.Column("on_hand", sa.Integer, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.CheckConstraint("on_hand >= 0", name="counted"),
)
"""What lies in the hall; what is reserved of it is told by the open reservations."""
