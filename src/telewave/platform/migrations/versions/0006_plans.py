"""Plans under their content's hash, kinds of a campaign's versions, and who saw outside numbers."""

import sqlalchemy as sa
from alembic import op

from telewave.platform.database import Instant

revision = "0006_plans"
down_revision = "0005_campaign_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create plans and reveals; add the kind of a version."""
    op.create_table(
        "plans",
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("campaign", sa.String(120), nullable=False),
        sa.Column("as_of", sa.Date),
        sa.Column("parent", sa.String(64)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_plans"),
        sa.UniqueConstraint("hash", name="uq_plans_hash"),
        sa.ForeignKeyConstraint(["parent"], ["plans.hash"], name="fk_plans_parent_plans"),
    )
    op.create_index("ix_plans_campaign_sequence", "plans", ["campaign", "sequence"])
    op.create_index("ix_plans_state", "plans", ["state"])
    with op.batch_alter_table("campaign_versions") as versions:
        versions.add_column(sa.Column("kind", sa.String(20), nullable=False, server_default="plan"))
    op.create_table(
        "reveals",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("purpose", sa.String(500), nullable=False),
        sa.Column("subscribers", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reveals"),
    )
    op.create_table(
        "revealed",
        sa.Column("reveal", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("reveal", "number", name="pk_revealed"),
        sa.ForeignKeyConstraint(["reveal"], ["reveals.id"], name="fk_revealed_reveal_reveals"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("revealed")
    op.drop_table("reveals")
    with op.batch_alter_table("campaign_versions") as versions:
        versions.drop_column("kind")
    op.drop_table("plans")
