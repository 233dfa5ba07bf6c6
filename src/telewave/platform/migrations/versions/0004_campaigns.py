"""Campaigns: every version of every plan with its bytes, and every step from draft to stop."""

import sqlalchemy as sa
from alembic import op

from telewave.platform.database import Instant

revision = "0004_campaigns"
down_revision = "0003_models"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create versions and steps."""
    op.create_table(
        "campaign_versions",
        sa.Column("campaign", sa.String(120), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("file_name", sa.String(500), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("campaign", "number", name="pk_campaign_versions"),
    )
    op.create_table(
        "campaign_steps",
        sa.Column("campaign", sa.String(120), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("from_state", sa.String(20)),
        sa.Column("to_state", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("replaced_by", sa.Integer),
        sa.PrimaryKeyConstraint("campaign", "sequence", name="pk_campaign_steps"),
        sa.ForeignKeyConstraint(
            ["campaign", "number"],
            ["campaign_versions.campaign", "campaign_versions.number"],
            name="fk_campaign_steps_campaign_versions",
        ),
    )


def downgrade() -> None:
    """Drop them, with every plan that was approved."""
    op.drop_table("campaign_steps")
    op.drop_table("campaign_versions")
