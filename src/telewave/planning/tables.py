"""Tables of the operations database: every plan that was made (rows are added; only a plan's state changes), and those
whose rows are being written.
"""

from __future__ import annotations

import sqlalchemy as sa

from telewave.platform.database import Instant, metadata

plans = sa.Table(
    "plans",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("campaign", sa.String(120), nullable=False),
    sa.Column("as_of", sa.Date),
    sa.Column("parent", sa.ForeignKey("plans.hash")),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Index(None, "campaign", "sequence"),
    sa.Index(None, "state"),
)

plans_begun = sa.Table("plans_begun", metadata, sa.Column("hash", sa.String(64), primary_key=True))
"""Hashes of plans of which rows may be in the warehouse before the plan is kept, or without that it ever will be."""
