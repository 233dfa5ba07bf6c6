"""Calls at scale: queues by what waits in them, calls by hour counted as they come, what a queue was filled on."""

import sqlalchemy as sa
from alembic import op

revision = "0018_calls_at_scale"
down_revision = "0016_fulfilment"
branch_labels = None
depends_on = None

COUNT = """
INSERT INTO call_hours (campaign, hour, made, answered)
SELECT campaign, hour, count(*),
       sum(CASE WHEN result IN ('busy', 'no_answer', 'machine', 'wrong_number') THEN 0 ELSE 1 END)
FROM calls WHERE result <> 'not_made' GROUP BY campaign, hour
"""


def upgrade() -> None:
    """Change the indexes, count, and have every queue filled anew."""
    op.drop_index("ix_call_queue_campaign", "call_queue")
    waits, promised = sa.text("due_at IS NOT NULL"), sa.text("due_for IS NOT NULL")
    op.create_index(
        "ix_call_queue_waiting",
        "call_queue",
        ["campaign", "needs", sa.text("value DESC"), "contact"],
        sqlite_where=waits,
        postgresql_where=waits,
    )
    op.create_index(
        "ix_call_queue_promised",
        "call_queue",
        ["campaign", "due_for"],
        sqlite_where=promised,
        postgresql_where=promised,
    )
    op.create_table(
        "call_hours",
        sa.Column("campaign", sa.String(120), primary_key=True),
        sa.Column("hour", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("made", sa.Integer, nullable=False),
        sa.Column("answered", sa.Integer, nullable=False),
    )
    op.execute(COUNT)
    op.add_column("call_lists", sa.Column("policy", sa.Integer))
    op.add_column("call_lists", sa.Column("records", sa.String(64)))
    op.add_column("call_queue", sa.Column("on_record", sa.Text))


def downgrade() -> None:
    """Change them back."""
    op.drop_column("call_queue", "on_record")
    op.drop_column("call_lists", "records")
    op.drop_column("call_lists", "policy")
    op.drop_table("call_hours")
    op.drop_index("ix_call_queue_promised", "call_queue")
    op.drop_index("ix_call_queue_waiting", "call_queue")
    op.create_index("ix_call_queue_campaign", "call_queue", ["campaign", "needs", "value"])
