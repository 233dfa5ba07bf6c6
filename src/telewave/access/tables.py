"""Tables of the operations database: people, sessions of browsers, failed sign-ins."""

from __future__ import annotations

import sqlalchemy as sa

from telewave.platform.database import Instant, metadata

person = sa.Table(
    "person",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("key", sa.String(400), nullable=False, unique=True),
    sa.Column("roles", sa.String(200), nullable=False),
    sa.Column("password", sa.String(200), nullable=False),
    sa.Column("one_time", sa.Boolean, nullable=False),
    sa.Column("locked_at", Instant, nullable=True),
    sa.Column("added_at", Instant, nullable=False),
)

sitting = sa.Table(
    "sitting",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), nullable=False, index=True),
    sa.Column("begun_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
)

failed_sign_in = sa.Table(
    "failed_sign_in",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(400), nullable=False, index=True),
    sa.Column("address", sa.String(64), nullable=False, index=True),
    sa.Column("at", Instant, nullable=False, index=True),
)
