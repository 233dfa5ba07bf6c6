"""Tables of the operations database: teams of agents, queues of calls, calls with their results."""

from __future__ import annotations

import sqlalchemy as sa

from telewave.platform.database import Instant, metadata

LONG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

call_teams = sa.Table(
    "call_teams",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
)

call_lists = sa.Table(
    "call_lists",
    metadata,
    sa.Column("campaign", sa.String(120), primary_key=True),
    sa.Column("asked_on", sa.Date, nullable=False),
    sa.Column("team", sa.Integer, nullable=False),
    sa.Column("out", sa.Integer, nullable=False),
    sa.Column("policy", sa.Integer),
    sa.Column("records", sa.String(64)),
)
"""For which local day, by which version of the team, at how many contacts let go, under which contact policy and on
which state of the records and of other campaigns a campaign's queue was filled.
"""

call_hours = sa.Table(
    "call_hours",
    metadata,
    sa.Column("campaign", sa.String(120), primary_key=True),
    sa.Column("hour", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("made", sa.Integer, nullable=False),
    sa.Column("answered", sa.Integer, nullable=False),
)
"""A campaign's calls and those that were answered, by local hour: kept with every call that is told, since each that
nobody answers asks for them.
"""

call_queue = sa.Table(
    "call_queue",
    metadata,
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
    sa.Column("due_at", Instant),
    sa.Column("due_for", sa.String(120)),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("holder", sa.String(120), unique=True),
    sa.Column("held_until", Instant),
    sa.Column("batch", sa.Integer),
    sa.Column("on_record", sa.Text),
    sa.Index(
        "ix_call_queue_waiting",
        "campaign",
        "needs",
        sa.text("value DESC"),
        "contact",
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    ),
    sa.Index(
        "ix_call_queue_promised",
        "campaign",
        "due_for",
        sqlite_where=sa.text("due_for IS NOT NULL"),
        postgresql_where=sa.text("due_for IS NOT NULL"),
    ),
)
"""One row a contact. `needs`: what an agent must have for it, words in order, each with a comma behind; `due_at`: when
it may be called, null when its process is over; `due_for`: the agent who promised to call back; `attempts`: calls made.
The reservation: `holder`, unique, so that an agent holds one contact at most, or the number of a dialler's `batch`, and
`held_until`. One row, so that a contact is held once. `on_record`: his contacts on record that caps and pauses count,
as they were when the queue was filled; null where there are none.
"""

calls = sa.Table(
    "calls",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("contact", LONG, nullable=False, index=True),
    sa.Column("campaign", sa.String(120), nullable=False),
    sa.Column("agent", sa.String(120), nullable=False),
    sa.Column("given_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("result", sa.String(20)),
    sa.Column("day", sa.Date),
    sa.Column("hour", sa.SmallInteger),
    sa.Column("again_at", Instant),
    sa.Column("offer", sa.String(120)),
    sa.Column("reference", sa.String(200)),
    sa.Index("ix_calls_campaign", "campaign", "day"),
)
"""Each time a contact was given to somebody. `result`: code of a `CallResult`, null until it is told; `day`, `hour`: of
`ended_at` in local time.
"""
