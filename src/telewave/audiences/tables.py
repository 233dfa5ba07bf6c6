"""Tables of the operations database: versions of audiences, of which none is ever changed, and the snapshots taken."""

from __future__ import annotations

import sqlalchemy as sa

from telewave.platform.database import Instant, metadata

audience_versions = sa.Table(
    "audience_versions",
    metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column(
        "rule", sa.JSON, nullable=False
    ),  # of an outside table: {"samples": its name, "rule": the rule}
)

audience_snapshots = sa.Table(
    "audience_snapshots",
    metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("as_of", sa.Date, primary_key=True),
    sa.Column("taken_at", Instant, nullable=False),
    sa.Column("members", sa.Integer, nullable=False),
)
