"""A hall's day as its people live it: the list, the second call, the arrival, the outcome; one truth with the ledger. On both databases."""

import csv

import pytest
import sqlalchemy as sa
from tests.halls.desk import booked, commands, desk_command, desk_with

from telewave.contacts.settling import NoSuchContact, exclude
from telewave.contacts.tables import contact_ledger, contact_log
from telewave.halls import store
from telewave.halls.hall_records import HallCounts
from telewave.halls.model import ReservationNotPossible, SecondCall, Visit
from telewave.halls.recording import by_hall
from telewave.halls.reservation_number import serial_of
from telewave.halls.usecases import NoSuchHall, NotExpected


def ledger(desk, number):
    """Disposition and reference of a contact."""
    with desk.database.transaction() as connection:
        row = contact_ledger.c
        return tuple(
            connection.execute(sa.select(row.disposition, row.reference).where(row.id == number)).one()
        )


def listed(desk, hall="North", **more):
    return desk.do(commands.list_command, hall, **more)["tables"][0]["rows"]


def test_each_hall_counts_its_reservations_who_came_and_who_ordered_by_a_time(
    tmp_path, warehouse, database, keys
):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    desk.do(commands.set_command, "South", caller="Wang Fang", days="mon", by="Li")
    numbers = booked(desk, contacts, [0, 1, 2]) | booked(desk, contacts, [3], hall="South")
    desk.later(days=1)
    for n, outcome in ((0, Visit.ORDERED), (1, Visit.UNDECIDED)):
        desk.do(desk_command.arrive_command, "North", by="Chen", reservation=numbers[n])
        desk.do(desk_command.outcome_command, numbers[n], outcome, by="Chen")
    morning = desk.at
    desk.later(hours=3)
    desk.do(desk_command.arrive_command, "North", by="Chen", reservation=numbers[1])  # comes a second time
    desk.do(desk_command.arrive_command, "South", by="Chen", reservation=numbers[3])
    assert by_hall(database, "spring") == [HallCounts("North", 3, 2, 1), HallCounts("South", 1, 1, 0)]
    assert by_hall(database, "spring", morning) == [
        HallCounts("North", 3, 0, 0),
        HallCounts("South", 1, 0, 0),
    ]
    assert by_hall(database, "autumn") == []


def test_a_willing_customer_is_expected_called_received_and_orders(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    number = booked(desk, contacts, [0])[0]
    assert ledger(desk, contacts[0]) == ("willing", number)
    assert [(row["reservation"], row["second_call_due"]) for row in listed(desk)] == [
        (int(number), "2026-07-09")
    ]
    assert listed(desk, due=True) == []
    desk.later(days=1)
    assert len(listed(desk, due=True)) == 1
    desk.do(commands.called_command, number, SecondCall.COMING, by="Wang Fang")
    assert listed(desk, due=True) == []
    answer = desk.do(desk_command.arrive_command, "North", by="Chen", reservation=number)
    assert answer["reservation"] == {"number": int(number), "state": "at_window"}
    assert ledger(desk, contacts[0]) == ("visited", number)
    desk.do(desk_command.outcome_command, number, Visit.ORDERED, by="Chen")
    assert ledger(desk, contacts[0]) == ("ordered", number)
    assert listed(desk) == []
    with database.transaction() as connection:
        lines = store.log_of(connection, serial_of(number))
        moves = connection.execute(
            sa.select(contact_log.c.to_state, contact_log.c.disposition)
            .where(contact_log.c.contact == contacts[0])
            .order_by(contact_log.c.sequence)
        ).all()
    assert [(one.person, one.to_state) for one in lines] == [
        ("Li", "waiting"), ("Wang Fang", "waiting"), ("Chen", "at_window"), ("Chen", "ordered"),
    ]  # fmt: skip
    assert [one.disposition for one in moves] == [None, "willing", "visited", "ordered"]


def test_the_same_appointments_twice_change_nothing(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    assert len(booked(desk, contacts, [0, 1])) == 2
    before = listed(desk)
    assert booked(desk, contacts, [0, 1]) == {}
    assert listed(desk) == before


def test_one_line_that_cannot_be_taken_over_takes_the_whole_file_back(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    with pytest.raises(NoSuchHall):
        desk.do(
            commands.book_command,
            "spring",
            desk.file("a.csv", f"contact,hall\n{contacts[0]},North\n{contacts[1]},Nowhere\n"),
            by="Li",
        )
    with pytest.raises(NoSuchContact):
        desk.do(
            commands.book_command,
            "spring",
            desk.file("a.csv", f"contact,hall\n{contacts[0]},North\n999999,North\n"),
            by="Li",
        )
    assert listed(desk) == []
    assert ledger(desk, contacts[0]) == (None, None)


def test_whoever_objects_has_no_reservation_and_is_not_called(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    from telewave.contacts.settling import Told

    exclude(database, [1], Told(by="Li", now=desk.at))
    numbers = booked(desk, contacts, [0, 1, 2])
    assert set(numbers) == {0, 2}
    exclude(database, [2], Told(by="Li", now=desk.at))
    desk.later(days=1)
    assert [str(row["reservation"]) for row in listed(desk, due=True)] == [numbers[0]]
    desk.do(commands.called_command, numbers[0], SecondCall.DO_NOT_CONTACT, by="Wang Fang")
    assert ledger(desk, contacts[0])[0] == "do_not_contact"
    assert listed(desk, due=True) == []


def test_a_customer_is_known_by_phone_and_by_subscriber_also_in_another_hall(
    tmp_path, warehouse, database, keys
):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    desk.do(commands.set_command, "South", caller="Zhao", days="tue", by="Li")
    numbers = booked(desk, contacts, [0, 1])
    answer = desk.do(desk_command.arrive_command, "South", by="Chen", phone="139 0000 0000")
    assert answer["reservation"]["number"] == int(numbers[0])
    assert desk.do(desk_command.arrive_command, "North", by="Chen", subscriber=1)["reservation"][
        "number"
    ] == int(numbers[1])
    assert [row["reservation"] for row in listed(desk, "South")] == [int(numbers[0])]
    with pytest.raises(NotExpected):
        desk.do(desk_command.arrive_command, "North", by="Chen", subscriber=4)


def test_after_three_calls_without_an_answer_nobody_calls_again(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    number = booked(desk, contacts, [0])[0]
    days = []
    while due := listed(desk)[0]["second_call_due"]:
        days.append(due)
        desk.later(days=1)
        if listed(desk, due=True):
            desk.do(commands.called_command, number, SecondCall.NO_ANSWER, by="Wang Fang")
    assert sorted(set(days)) == ["2026-07-09", "2026-07-13", "2026-07-16"]
    assert ledger(desk, contacts[0])[0] == "willing"


def test_what_has_ended_cannot_be_called_and_an_outcome_needs_a_visit(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    number = booked(desk, contacts, [0])[0]
    with pytest.raises(ReservationNotPossible):
        desk.do(desk_command.outcome_command, number, Visit.ORDERED, by="Chen")
    desk.do(commands.called_command, number, SecondCall.REFUSED, by="Wang Fang")
    with pytest.raises(ReservationNotPossible):
        desk.do(commands.called_command, number, SecondCall.COMING, by="Wang Fang")


def test_the_list_in_a_file_has_phone_numbers_and_each_showing_is_recorded(
    tmp_path, warehouse, database, keys
):
    from telewave.records.revealing import NobodyReveals
    from telewave.records.tables import reveals

    desk, contacts = desk_with(tmp_path, warehouse, database)
    booked(desk, contacts, [0, 3])
    with pytest.raises(NobodyReveals):
        desk.do(commands.list_command, "North", to=tmp_path / "list.csv")
    desk.do(commands.list_command, "North", to=tmp_path / "list.csv", by="Wang Fang")
    lines = list(csv.reader((tmp_path / "list.csv").read_text(encoding="utf-8-sig").splitlines()))[1:]
    assert [line[1] for line in lines] == ["13900000000", "13900000003"]
    assert lines[0][7] in ("'=Hello", "您好")
    with database.transaction() as connection:
        assert connection.execute(sa.select(reveals.c.person)).scalars().all() == ["Wang Fang"]
    desk.do(commands.list_command, "North", to=tmp_path / "list.xlsx", by="Wang Fang")
    assert (tmp_path / "list.xlsx").stat().st_size > 0
