"""People, sessions of browsers, failed sign-ins."""

import sqlalchemy as sa
from alembic import op

revision = "0024_access"
down_revision = "0021_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; nobody can sign in until somebody is added."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "person",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("roles", sa.String(200), nullable=False),
        sa.Column("password", sa.String(200), nullable=False),
        sa.Column("one_time", sa.Boolean, nullable=False),
        sa.Column("locked_at", instant, nullable=True),
        sa.Column("added_at", instant, nullable=False),
        sa.UniqueConstraint("key", name="uq_person_key"),
    )
    op.create_table(
        "sitting",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column(
            "person", sa.Integer, sa.ForeignKey("person.id", name="fk_sitting_person_person"), nullable=False
        ),
        sa.Column("begun_at", instant, nullable=False),
        sa.Column("seen_at", instant, nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
    )
    op.create_index("ix_sitting_person", "sitting", ["person"])
    op.create_table(
        "failed_sign_in",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("at", instant, nullable=False),
    )
    for column in ("key", "address", "at"):
        op.create_index(f"ix_failed_sign_in_{column}", "failed_sign_in", [column])


def downgrade() -> None:
    """Drop all."""
    for table in ("failed_sign_in", "sitting", "person"):
        op.drop_table(table)
