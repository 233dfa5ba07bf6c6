"""The contact ledger: waves, a row a contact, a log of transitions and acts; objections; policies."""

import sqlalchemy as sa
from alembic import op

revision = "0010_contact_ledger"
down_revision = "0009_plans_begun"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    _of_acts()
    _of_contacts()
    _of_objections()


def _of_acts() -> None:
    op.create_table(
        "contact_policies",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "contact_acts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("about", sa.String(500), nullable=False),
        sa.Column("policy", sa.Integer, nullable=False),
    )
    op.create_table(
        "contact_waves",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("plan", sa.String(64), sa.ForeignKey("plans.hash"), nullable=False),
        sa.Column("campaign", sa.String(120), nullable=False),
        sa.Column("phase", sa.String(120), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.UniqueConstraint("plan", "phase", "day", name="uq_contact_waves_plan"),
        sa.Index("ix_contact_waves_campaign", "campaign"),
    )


def _of_contacts() -> None:
    op.create_table(
        "contact_ledger",
        sa.Column("id", LONG, primary_key=True),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("subscriber", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(120), nullable=False),
        sa.Column("step", sa.SmallInteger, nullable=False),
        sa.Column("recorded_as", sa.String(60), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("disposition", sa.String(20)),
        sa.Column("reason", sa.String(30)),
        sa.Column("reference", sa.String(200)),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("act", sa.Integer, nullable=False),
        sa.UniqueConstraint("wave", "subscriber", "channel", "step", name="uq_contact_ledger_wave"),
        sa.Index("ix_contact_ledger_subscriber", "subscriber", "day"),
    )
    op.create_table(
        "contact_log",
        sa.Column("contact", LONG, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("act", sa.Integer, nullable=False),
        sa.Column("from_state", sa.String(12), nullable=False),
        sa.Column("to_state", sa.String(12), nullable=False),
        sa.Column("disposition", sa.String(20)),
        sa.Column("reason", sa.String(30)),
    )


def _of_objections() -> None:
    op.create_table(
        "objections",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("subscriber", sa.Integer, nullable=False),
        sa.Column("recorded_as", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("act", sa.Integer, nullable=False),
        sa.Column("confirmed_by", sa.Integer),
        sa.ForeignKeyConstraint(["act"], ["contact_acts.id"], name="fk_objections_act_contact_acts"),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["contact_acts.id"], name="fk_objections_confirmed_by_contact_acts"
        ),
        sa.UniqueConstraint("subscriber", "recorded_as", "kind", name="uq_objections_subscriber"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in (
        "objections",
        "contact_log",
        "contact_ledger",
        "contact_waves",
        "contact_acts",
        "contact_policies",
    ):
        op.drop_table(table)
