"""Tables of the operations database: identities, who saw them, the log of
deliveries, the summary of what they refused.
"""

from __future__ import annotations

import sqlalchemy as sa

from telewave.platform.database import Instant, metadata

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

numbering = sa.Table(
    "numbering",
    metadata,
    sa.Column("only", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("next_number", sa.Integer, nullable=False),
    sa.Column("key_id", sa.String(16)),
    sa.Column("key_check", sa.String(64)),
    sa.Column("number_form", sa.String(20)),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("table_name", sa.String(200), nullable=False),
    sa.Column("name", sa.String(500), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("ingested_on", sa.Date, nullable=False),
    sa.Column("accepted", sa.BigInteger, nullable=False),
    sa.Column("repaired", sa.BigInteger, nullable=False),
    sa.Column("refused", sa.BigInteger, nullable=False),
    sa.Column("first_day", sa.String(10)),
    sa.Column("last_day", sa.String(10)),
    sa.Index(None, "table_name", "name"),
)

refusals = sa.Table(
    "refusals",
    metadata,
    sa.Column("delivery_id", sa.ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("reason", sa.String(60), primary_key=True),
    sa.Column("column_name", sa.String(200), primary_key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
)

reveals = sa.Table(
    "reveals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("purpose", sa.String(500), nullable=False),
    sa.Column("subscribers", sa.Integer, nullable=False),
)

revealed = sa.Table(
    "revealed",
    metadata,
    sa.Column("reveal", sa.ForeignKey("reveals.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
)
