"""In which form the outside identifiers are digested; null: as the files wrote them."""

import sqlalchemy as sa
from alembic import op

revision = "0008_number_forms"
down_revision = "0007_home"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. The identities themselves are sealed: the next ingest, which has the key, digests them again."""
    op.add_column("numbering", sa.Column("number_form", sa.String(20)))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("numbering", "number_form")
