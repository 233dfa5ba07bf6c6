"""The demo's parcels: orders to be brought become parcels, which a simulated courier moves and pays for. Assembly only.

Everything goes through the files and use cases of `fulfilment take`, `import` and `reconcile`. Who accepts at the door
and on which day is the city's truth; the steps before the door take the same hours for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from telewave.city_answers import write_lines
from telewave.contacts.settling import Told
from telewave.demo_actions import PLANNER
from telewave.fulfilment.parcel_file import read_moves, read_orders, read_statement
from telewave.fulfilment.usecases import move, reconcile, take_orders
from telewave.kernel import Label, Money
from telewave.offers.economics import Sale, first_day
from telewave.offers.model import Offer
from telewave.platform.languages import Language, render
from telewave.platform.terminal import Session
from telewave.simulation.answering import ToDeliver

TOWN = ("centre", "north", "south", "east", "west")
AREAS = {"town": Label("Town", "城区"), "counties": Label("Counties", "县域")}
COURIERS = {"town": Label("Liu", "老刘"), "counties": Label("Ma", "老马")}
EVENTS = ("order", "event", "at", "who", "appointed", "paid", "how", "reason")
BY_CARD = 3
"""Of five customers, those who pay by card."""
Line = tuple[object, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A parcel on its way: `taken` on that day, to be paid `price` at the door."""

    order: str
    contact: int
    taken: date
    area: str
    price: Money
    days: int
    accepted: bool

    @property
    def how(self) -> str:
        """How the customer pays."""
        return "card" if self.contact % 5 < BY_CARD else "cash"

    @property
    def at_door(self) -> date:
        """The day of the appointment."""
        return self.taken + timedelta(days=self.days)


@dataclass(kw_only=True)
class Courier:
    """The delivery of a campaign's orders, day by day. `offers`: the policies by id; `language`: of names."""

    session: Session
    campaign: str
    folder: Path
    offers: Mapping[str, Offer]
    language: Language
    sent: list[Sent] = field(default_factory=list)

    def order(self, day: date, given: Sequence[tuple[ToDeliver, str]], proposed: Mapping[int, str]) -> None:
        """Remember the orders of the day, each with its district. `proposed`: the offer of each subscriber's contact,
        for orders of which the city tells no policy.
        """
        for one, district in given:
            offer = self.offers[one.policy or proposed[one.subscriber]]
            first = first_day(offer, Sale(day=day))
            self.sent.append(
                Sent(
                    order=one.order,
                    contact=one.contact,
                    taken=day,
                    area="town" if district in TOWN else "counties",
                    price=Money(first.device + first.deposit, offer.terms.currency),
                    days=one.days,
                    accepted=one.accepted,
                )
            )

    def tell(self, day: date) -> None:
        """Take in what happened on the day: events of parcels in the evening, new orders, on Sundays statements."""
        moved = [line for one in self.sent for line in self._events(one, day)]
        if moved:
            file = self._written(f"moves-{day}", EVENTS, moved)
            zone = ZoneInfo(self.session.settings.timezone)
            move(self.session.database, read_moves(file, zone), self._told(day, file))
        fresh = [
            (one.contact, one.order, self._in(AREAS[one.area]), f"{one.price.major:.2f}")
            for one in self.sent
            if one.taken == day
        ]
        if fresh:
            file = self._written(f"orders-{day}", ("contact", "order", "area", "price"), fresh)
            session = self.session
            take_orders(
                session.warehouse, session.database, self.campaign, read_orders(file), self._told(day, file)
            )
        if day.weekday() == SUNDAY:
            self.settle(day)

    def settle(self, day: date) -> None:
        """What couriers hand in for the week that ends on the day; what agrees to the cent is closed."""
        for area, courier in COURIERS.items():
            mine = [one for one in self.sent if one.area == area and one.accepted]
            week = [one for one in mine if day - timedelta(days=7) < one.at_door <= day]
            if not week:
                continue
            lines = [(one.order, f"{one.price.major:.2f}", one.how) for one in week]
            file = self._written(f"statement-{area}-{day}", ("order", "paid", "how"), lines)
            told = self._told(day, file)
            found = reconcile(self.session.database, read_statement(file), self._in(courier), told)
            if found.equal:
                closed = [(order, "close", f"{day} 21:00", *[""] * 5) for order in found.equal]
                file = self._written(f"closed-{area}-{day}", EVENTS, closed)
                zone = ZoneInfo(self.session.settings.timezone)
                move(self.session.database, read_moves(file, zone), told)

    def _events(self, one: Sent, day: date) -> Iterator[Line]:
        courier, station = self._in(COURIERS[one.area]), self._in(AREAS[one.area])
        if day == one.taken + timedelta(days=1):
            appointed = f"{one.at_door} {'18:30' if one.days == 1 else '15:30'}"
            yield (one.order, "pick", f"{day} 09:00", *[""] * 5)
            yield (one.order, "pack", f"{day} 10:00", *[""] * 5)
            yield (one.order, "hand_over", f"{day} 11:00", courier, *[""] * 4)
            yield (one.order, "arrive", f"{day} 15:00", station, *[""] * 4)
            yield (one.order, "call", f"{day} 16:00", "", appointed, *[""] * 3)
        if day == one.at_door:
            if one.accepted:
                yield (one.order, "accept", f"{day} 18:40", "", "", f"{one.price.major:.2f}", one.how, "")
            else:
                yield (one.order, "refuse", f"{day} 18:40", *[""] * 5)

    def _written(self, name: str, head: Sequence[str], lines: Sequence[Line]) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{name}.csv"
        write_lines(file, head, lines)
        return file

    def _told(self, day: date, file: Path) -> Told:
        zone = ZoneInfo(self.session.settings.timezone)
        now = datetime.combine(day, time(21), zone)
        return Told(by=self._in(PLANNER), now=now, file=file.name)

    def _in(self, label: Label) -> str:
        return render(label, self.language)


SUNDAY = 6
