"""Which contacts of a campaign went out, with the plan that each was of. Private to the capability, as `store`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from telewave.contacts.ledger import MADE, Standing
from telewave.contacts.reasons import FallsOut
from telewave.contacts.tables import contact_ledger, contact_waves
from telewave.platform.database import Database


@dataclass(frozen=True, kw_only=True, slots=True)
class Out:
    """A contact that is out or was made: its number, its plan's hash, whom it is with, its step in the plan, what the
    records call its channel, and its day.
    """

    contact: int
    plan: str
    subscriber: int
    step: int
    recorded_as: str
    day: date


def out_of(database: Database, campaign: str, end: date) -> list[Out]:
    """The campaign's contacts of days before `end` that are out or were made, by day and number; also those that were
    taken back after they had been handed out.
    """
    row, wave = contact_ledger.c, contact_waves.c
    taken_back = (
        (row.state == Standing.WITHDRAWN.value)
        & (row.sequence > 1)
        & row.reason.not_in([FallsOut.NO_NUMBER.value, FallsOut.GIVEN_BACK.value])
    )
    query = (
        sa.select(row.id.label("contact"), wave.plan, row.subscriber, row.step, row.recorded_as, wave.day)
        .join_from(contact_waves, contact_ledger, wave.id == row.wave)
        .where(
            wave.campaign == campaign, wave.day < end, row.state.in_([one.value for one in MADE]) | taken_back
        )
        .order_by(wave.day, row.id)
    )
    with database.transaction() as connection:
        return [Out(**one) for one in connection.execute(query).mappings()]
