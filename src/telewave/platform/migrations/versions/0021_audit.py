"""The audit log, and what it ends with."""

import sqlalchemy as sa
from alembic import op

revision = "0021_audit"
down_revision = "0018_calls_at_scale"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables; the log begins with the next thing done."""
    op.create_table(
        "audit_log",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("about", sa.String(500), nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("ix_audit_log_person_sequence", "audit_log", ["person", "sequence"])
    op.create_index("ix_audit_log_about_sequence", "audit_log", ["about", "sequence"])
    end = op.create_table(
        "audit_end",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.bulk_insert(end, [{"id": 1, "sequence": 0, "hash": "0" * 64}])


def downgrade() -> None:
    """Drop both."""
    op.drop_table("audit_log")
    op.drop_table("audit_end")
