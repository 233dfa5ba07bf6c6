"""Where the demo's willing customers go on, day by day: halls and couriers. Assembly only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from telewave.approvals.usecases import launched_plan
from telewave.briefs.assortment import offers_of
from telewave.briefs.model import Brief
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.demo_halls import Halls, names_in
from telewave.demo_parcels import Courier
from telewave.outbound.told_calls import CALLS
from telewave.planning.plans import contacts_of, plan_called
from telewave.platform.terminal import Session
from telewave.simulation.answering import Came, DayLived, ToDeliver, Town

Lives = TypeVar("Lives", Came, ToDeliver)


@dataclass(frozen=True, kw_only=True, slots=True)
class Desks:
    """Where the campaign's willing customers go on: halls and couriers. `proposed`: the offer to each subscriber."""

    town: Town
    halls: Halls
    courier: Courier
    proposed: Mapping[int, str]

    @classmethod
    def opened(cls, session: Session, brief: Brief, town: Town, answers: Path) -> Desks:
        """The halls are entered; nobody is on the way yet."""
        language = names_in(session.database, session.language)
        halls = Halls(session=session, campaign=brief.id, folder=answers / "halls", language=language)
        halls.open()
        catalogue, _ = offers_of(brief, Path())
        rows = planned_rows(session, brief)
        people = rows["subscriber"].to_numpy().tolist()
        offer_of = zip(people, map(str, rows["offer"].to_pylist()), strict=True)
        courier = Courier(
            session=session,
            campaign=brief.id,
            folder=answers / "parcels",
            offers={str(one.id): one for one in catalogue.offers},
            language=language,
        )
        return cls(town=town, halls=halls, courier=courier, proposed=dict(offer_of))

    def remember(self, day: date, lived: DayLived) -> None:
        """What is to be brought."""
        self.courier.order(day, self._with_districts(lived.to_deliver), self.proposed)

    def receive(self, lived: DayLived) -> None:
        """Who comes to a hall during the day."""
        zone = ZoneInfo(self.halls.session.settings.timezone)
        self.halls.receive(self._with_districts(lived.came), zone)

    def close(self, day: date, lived: DayLived, now: datetime) -> None:
        """In the evening: reservations for who said yes on the phone, what couriers tell, new parcels."""
        channel = lived.contacts["channel"].tolist()
        willing = [
            (contact, subscriber)
            for (contact, said, _), made, subscriber in zip(
                lived.results, channel, lived.contacts["subscriber"].tolist(), strict=True
            )
            if made in CALLS and said == "willing"
        ]
        districts = self.town.districts(np.array([subscriber for _, subscriber in willing], np.int64))
        contacts = [contact for contact, _ in willing]
        self.halls.book(day, list(zip(contacts, districts, strict=True)), now)
        self.courier.tell(day)

    def _with_districts(self, found: Sequence[Lives]) -> list[tuple[Lives, str]]:
        where = self.town.districts(np.array([one.subscriber for one in found], np.int64))
        return list(zip(found, where, strict=True))


def planned_rows(session: Session, brief: Brief) -> pa.Table:
    """The launched plan's contacts."""
    version, _ = launched_plan(session.database, brief.id, ContactPlanKind.name)
    return contacts_of(session.warehouse, plan_called(session.database, version.digest))
