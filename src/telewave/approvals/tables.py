"""Tables of the operations database: versions of plans with their bytes, every step
taken, every report. Rows are added, never changed.
"""

from __future__ import annotations

import sqlalchemy as sa

from telewave.platform.database import Instant, metadata

campaign_versions = sa.Table(
    "campaign_versions",
    metadata,
    sa.Column("campaign", sa.String(120), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("file_name", sa.String(500), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False, server_default="plan"),
)

campaign_steps = sa.Table(
    "campaign_steps",
    metadata,
    sa.Column("campaign", sa.String(120), primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("from_state", sa.String(20)),
    sa.Column("to_state", sa.String(20), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("replaced_by", sa.Integer),
    sa.ForeignKeyConstraint(
        ["campaign", "number"],
        ["campaign_versions.campaign", "campaign_versions.number"],
        name="fk_campaign_steps_campaign_versions",
    ),
)
