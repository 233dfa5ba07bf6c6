"""Campaigns: what was reported of a plan's progress, readiness and money."""

import sqlalchemy as sa
from alembic import op

from telewave.platform.database import Instant

revision = "0005_campaign_reports"
down_revision = "0004_campaigns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the reports."""
    op.create_table(
        "campaign_reports",
        sa.Column("campaign", sa.String(120), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("value", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("campaign", "sequence", name="pk_campaign_reports"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("campaign_reports")
