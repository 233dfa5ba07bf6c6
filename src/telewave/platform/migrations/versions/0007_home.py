"""The home's id, and what identities rest on: the next number, and which key they are sealed with."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0007_home"
down_revision = "0006_plans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables of one row each. Numbers go on after those that were given."""
    homes = op.create_table(
        "homes",
        sa.Column("only", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("only", name="pk_homes"),
    )
    numbering = op.create_table(
        "numbering",
        sa.Column("only", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("next_number", sa.Integer, nullable=False),
        sa.Column("key_id", sa.String(16)),
        sa.Column("key_check", sa.String(64)),
        sa.PrimaryKeyConstraint("only", name="pk_numbering"),
    )
    op.bulk_insert(homes, [{"only": 1, "id": uuid.uuid4().hex}])
    highest = op.get_bind().execute(sa.text("SELECT max(number) FROM identities")).scalar()
    op.bulk_insert(numbering, [{"only": 1, "next_number": 0 if highest is None else highest + 1}])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("numbering")
    op.drop_table("homes")
