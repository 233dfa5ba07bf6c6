"""Audiences: every version of every definition, and the snapshots taken of them."""

import sqlalchemy as sa
from alembic import op

from telewave.platform.database import Instant

revision = "0002_audiences"
down_revision = "0001_records"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create versions and snapshots."""
    op.create_table(
        "audience_versions",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("rule", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name="pk_audience_versions"),
    )
    op.create_table(
        "audience_snapshots",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("taken_at", Instant, nullable=False),
        sa.Column("members", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", "version", "as_of", name="pk_audience_snapshots"),
    )


def downgrade() -> None:
    """Drop them; frozen memberships in the warehouse stay."""
    op.drop_table("audience_snapshots")
    op.drop_table("audience_versions")
