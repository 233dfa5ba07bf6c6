"""Jobs: work that a worker does batch by batch."""

import sqlalchemy as sa
from alembic import op

revision = "0012_jobs"
down_revision = "0011_contact_counts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", sa.String(300), nullable=False, unique=True),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.String(200)),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("takes", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer),
        sa.Column("error", sa.Text),
    )
    op.create_index("ix_jobs_state_due_at", "jobs", ["state", "due_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("jobs")
