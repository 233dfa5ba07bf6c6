"""Plans whose rows are being written: what breaks off there is told from a database that has forgotten its plans."""

import sqlalchemy as sa
from alembic import op

revision = "0009_plans_begun"
down_revision = "0008_number_forms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "plans_begun",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_plans_begun"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("plans_begun")
