"""Agents' calls: teams, queues, calls with their results; who made a contact, and which way a wave goes out."""

import sqlalchemy as sa
from alembic import op

revision = "0015_agents_calls"
down_revision = "0014_halls"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, and the two columns of the ledger."""
    op.create_table(
        "call_teams",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "call_lists",
        sa.Column("campaign", sa.String(120), primary_key=True),
        sa.Column("asked_on", sa.Date, nullable=False),
        sa.Column("team", sa.Integer, nullable=False),
        sa.Column("out", sa.Integer, nullable=False),
    )
    op.create_table(
        "call_queue",
        sa.Column("contact", LONG, primary_key=True, autoincrement=False),
        sa.Column("campaign", sa.String(120), nullable=False),
        sa.Column("plan", sa.String(64), nullable=False),
        sa.Column("subscriber", sa.Integer, nullable=False),
        sa.Column("step", sa.SmallInteger, nullable=False),
        sa.Column("channel", sa.String(120), nullable=False),
        sa.Column("offer", sa.String(120), nullable=False),
        sa.Column("target_group", sa.String(20), nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("chance", sa.Float, nullable=False),
        sa.Column("needs", sa.String(500), nullable=False),
        sa.Column("due_at", INSTANT),
        sa.Column("due_for", sa.String(120)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("holder", sa.String(120), unique=True),
        sa.Column("held_until", INSTANT),
        sa.Column("batch", sa.Integer),
    )
    op.create_index("ix_call_queue_campaign", "call_queue", ["campaign", "needs", "value"])
    op.create_table(
        "calls",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("contact", LONG, nullable=False),
        sa.Column("campaign", sa.String(120), nullable=False),
        sa.Column("agent", sa.String(120), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("result", sa.String(20)),
        sa.Column("day", sa.Date),
        sa.Column("hour", sa.SmallInteger),
        sa.Column("again_at", INSTANT),
        sa.Column("offer", sa.String(120)),
        sa.Column("reference", sa.String(200)),
    )
    op.create_index("ix_calls_contact", "calls", ["contact"])
    op.create_index("ix_calls_campaign", "calls", ["campaign", "day"])
    op.add_column("contact_ledger", sa.Column("agent", sa.String(120)))
    op.add_column("contact_counts", sa.Column("way", sa.String(10)))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("contact_counts", "way")
    op.drop_column("contact_ledger", "agent")
    for table in ("calls", "call_queue", "call_lists", "call_teams"):
        op.drop_table(table)
