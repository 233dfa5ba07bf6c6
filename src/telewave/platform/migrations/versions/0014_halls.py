"""Halls: who calls a second time, reservations with their log, recall gifts."""

import sqlalchemy as sa
from alembic import op

revision = "0014_halls"
down_revision = "0012_jobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "halls",
        sa.Column("hall", sa.String(120), primary_key=True),
        sa.Column("caller", sa.String(200), nullable=False),
        sa.Column("weekdays", sa.String(20), nullable=False),
        sa.Column("waiting", sa.Integer, nullable=False),
        sa.Column("windows", sa.Integer, nullable=False),
        sa.Column("busy", sa.Boolean, nullable=False),
    )
    _reservations()
    op.create_table(
        "hall_log",
        sa.Column("reservation", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("from_state", sa.String(12), nullable=False),
        sa.Column("to_state", sa.String(12), nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
    )
    op.create_table(
        "hall_gifts",
        sa.Column("hall", sa.String(120), primary_key=True),
        sa.Column("gift", sa.String(120), primary_key=True),
        sa.Column("on_hand", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name="ck_hall_gifts_counted"),
    )


def _reservations() -> None:
    op.create_table(
        "hall_reservations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("campaign", sa.String(120), nullable=False),
        sa.Column("contact", sa.BigInteger, nullable=False, unique=True),
        sa.Column("plan", sa.String(64), nullable=False),
        sa.Column("subscriber", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(120), nullable=False),
        sa.Column("offer", sa.String(120), nullable=False),
        sa.Column("target_group", sa.String(20), nullable=False),
        sa.Column("hall", sa.String(120), nullable=False),
        sa.Column("made_on", sa.Date, nullable=False),
        sa.Column("visit_on", sa.Date),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("reached", sa.Boolean, nullable=False),
        sa.Column("window", sa.String(12)),
        sa.Column("gift", sa.String(120)),
        sa.Column("gift_given", sa.Boolean, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
    )
    op.create_index("ix_hall_reservations_hall_state", "hall_reservations", ["hall", "state"])
    op.create_index("ix_hall_reservations_subscriber", "hall_reservations", ["subscriber"])


def downgrade() -> None:
    """Drop them."""
    for table in ("hall_gifts", "hall_log", "hall_reservations", "halls"):
        op.drop_table(table)
