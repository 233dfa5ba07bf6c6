"""Tables of the operations database: parcels and their log."""

from __future__ import annotations

import sqlalchemy as sa

from telewave.platform.database import Instant, metadata

parcels = sa.Table(
    "parcels",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("order", sa.String(200), nullable=False, unique=True),
    sa.Column("campaign", sa.String(120), nullable=False),
    sa.Column("contact", sa.BigInteger, nullable=False),
    sa.Column("subscriber", sa.Integer, nullable=False),
    sa.Column("offer", sa.String(120), nullable=False),
    sa.Column("area", sa.String(120), nullable=False),
    sa.Column("price_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("courier", sa.String(120), nullable=False),
    sa.Column("owner_role", sa.String(20)),
    sa.Column("owner_name", sa.String(120)),
    sa.Column("due_at", Instant),
    sa.Column("last_at", Instant, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.CheckConstraint("(state IN ('closed', 'ended')) = (due_at IS NULL)", name="due"),
    sa.CheckConstraint("(due_at IS NULL) = (owner_role IS NULL)", name="owner"),
    sa.Index("ix_parcels_state_area", "state", "area"),
    sa.Index("ix_parcels_due_at", "due_at"),
)
"""`detail`: what the state holds. A parcel that is not over has an owner and a due time: the database sees to it."""

parcel_log = sa.Table(
    "parcel_log",
    metadata,
    sa.Column("parcel", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("entered_at", Instant, nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("from_state", sa.String(20), nullable=False),
    sa.Column("to_state", sa.String(20), nullable=False),
    sa.Column("told", sa.String(600), nullable=False),
    sa.UniqueConstraint("parcel", "told"),
)
"""Rows are added, never changed. `told`: the event as text, by which a line that comes a second time is known."""
