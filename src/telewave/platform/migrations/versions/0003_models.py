"""The registry of fitted models: one row a version; the model itself lies in the models folder, under its digest."""

import sqlalchemy as sa
from alembic import op

from telewave.platform.database import Instant

revision = "0003_models"
down_revision = "0002_audiences"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the registry."""
    op.create_table(
        "model_versions",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("target", sa.JSON, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("metrics", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name="pk_model_versions"),
    )


def downgrade() -> None:
    """Drop the registry; the models' files stay."""
    op.drop_table("model_versions")
