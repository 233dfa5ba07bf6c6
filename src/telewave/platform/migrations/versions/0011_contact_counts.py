"""How many contacts of a wave are out, by channel: counted once here, and kept from now on."""

import sqlalchemy as sa
from alembic import op

revision = "0011_contact_counts"
down_revision = "0010_contact_ledger"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and fill it."""
    op.create_table(
        "contact_counts",
        sa.Column("wave", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("channel", sa.String(120), primary_key=True),
        sa.Column("made", sa.Integer, nullable=False),
    )
    op.execute(
        "INSERT INTO contact_counts (wave, channel, made) SELECT wave, channel, count(*) FROM contact_ledger"
        " WHERE state IN ('released', 'attempted', 'answered', 'delivered', 'unknown', 'closed')"
        " GROUP BY wave, channel"
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("contact_counts")
