"""Table of the operations database: every report on an action plan. Rows are added, never changed."""

from __future__ import annotations

import sqlalchemy as sa

from telewave.platform.database import Instant, metadata

campaign_reports = sa.Table(
    "campaign_reports",
    metadata,
    sa.Column("campaign", sa.String(120), primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("value", sa.JSON, nullable=False),
)
