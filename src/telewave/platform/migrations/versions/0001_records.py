"""Identities, deliveries and their refusals."""

import sqlalchemy as sa
from alembic import op

revision = "0001_records"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of `records`."""
    op.create_table(
        "identities",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("digest", name="uq_identities_digest"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("table_name", sa.String(200), nullable=False),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("ingested_on", sa.Date, nullable=False),
        sa.Column("accepted", sa.BigInteger, nullable=False),
        sa.Column("repaired", sa.BigInteger, nullable=False),
        sa.Column("refused", sa.BigInteger, nullable=False),
        sa.Column("first_day", sa.String(10)),
        sa.Column("last_day", sa.String(10)),
    )
    op.create_index("ix_deliveries_table_name", "deliveries", ["table_name", "name"])
    op.create_table(
        "refusals",
        sa.Column(
            "delivery_id",
            sa.Integer,
            sa.ForeignKey("deliveries.id", ondelete="CASCADE", name="fk_refusals_delivery_id_deliveries"),
            primary_key=True,
        ),
        sa.Column("reason", sa.String(60), primary_key=True),
        sa.Column("column_name", sa.String(200), primary_key=True),
        sa.Column("rows", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables of `records`."""
    op.drop_table("refusals")
    op.drop_table("deliveries")
    op.drop_table("identities")
