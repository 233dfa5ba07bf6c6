"""Fulfilment: parcels and their log."""

import sqlalchemy as sa
from alembic import op

revision = "0016_fulfilment"
down_revision = "0015_agents_calls"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "parcels",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("order", sa.String(200), nullable=False, unique=True),
        sa.Column("campaign", sa.String(120), nullable=False),
        sa.Column("contact", sa.BigInteger, nullable=False),
        sa.Column("subscriber", sa.Integer, nullable=False),
        sa.Column("offer", sa.String(120), nullable=False),
        sa.Column("area", sa.String(120), nullable=False),
        sa.Column("price_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("courier", sa.String(120), nullable=False),
        sa.Column("owner_role", sa.String(20)),
        sa.Column("owner_name", sa.String(120)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.CheckConstraint("(state IN ('closed', 'ended')) = (due_at IS NULL)", name="ck_parcels_due"),
        sa.CheckConstraint("(due_at IS NULL) = (owner_role IS NULL)", name="ck_parcels_owner"),
    )
    op.create_index("ix_parcels_state_area", "parcels", ["state", "area"])
    op.create_index("ix_parcels_due_at", "parcels", ["due_at"])
    op.create_table(
        "parcel_log",
        sa.Column("parcel", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("from_state", sa.String(20), nullable=False),
        sa.Column("to_state", sa.String(20), nullable=False),
        sa.Column("told", sa.String(600), nullable=False),
        sa.UniqueConstraint("parcel", "told", name="uq_parcel_log_parcel_told"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("parcel_log")
    op.drop_table("parcels")
