"""The model registry's table in the operations database."""

from __future__ import annotations

import sqlalchemy as sa

from telewave.platform.database import Instant, metadata

model_versions = sa.Table(
    "model_versions",
    metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("target", sa.JSON, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("metrics", sa.JSON, nullable=False),
)
