"""A busy hall keeps the reserved apart, and does not change its mind with every customer; gifts are never promised or handed over twice. On both databases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.halls.desk import booked, commands, desk_command, desk_with

from telewave.contacts.settling import Told
from telewave.halls.model import SecondCall
from telewave.halls.offering import lapse
from telewave.halls.usecases import gift_stock, receive
from telewave.halls.windows import BUSY_FROM, IDLE_BELOW, Load, NoLoad, busy_after


def gifts(desk, hall="North", **more):
    rows = desk.do(desk_command.gifts_command, hall, **more)["tables"][0]["rows"]
    return {row["recall_gift"]: (row["on_hand"], row["reserved"], row["free"]) for row in rows}


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 6))
def test_a_hall_between_the_two_marks_stays_what_it_was(queue, windows):
    busy = False
    for waiting in queue:
        after = busy_after(Load(waiting, windows), busy)
        each = waiting / windows
        assert after is (True if each >= BUSY_FROM else False if each < IDLE_BELOW else busy)
        busy = after


@pytest.mark.parametrize("told", [(-1, 1), (3, 0)])
def test_a_load_without_windows_or_with_fewer_than_nobody_is_refused(told):
    with pytest.raises(NoLoad):
        Load(*told)


def test_the_window_follows_the_load(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    numbers = booked(desk, contacts, [0, 1, 2])
    windows = []
    for n, waiting in ((0, 8), (1, 5), (2, 3)):
        busy = desk.do(desk_command.load_command, "North", 2 * waiting, 4)["load"]["busy"]
        found = receive(database, "North", Told(by="Chen", now=desk.at), subscriber=n)
        windows.append((busy, found.window.value, found.reservation.number == int(numbers[n])))
    assert windows == [(True, "special", True), (True, "special", True), (False, "any", True)]


def test_a_gift_is_kept_handed_over_once_and_free_again_when_the_reservation_lapses(
    tmp_path, warehouse, database, keys
):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    assert gifts(desk, gift="umbrella", count=2, by="Chen") == {"umbrella": (2, 0, 2)}
    numbers = booked(desk, contacts, [0, 1, 2], gift="umbrella")
    assert gifts(desk) == {"umbrella": (2, 2, 0)}
    told = Told(by="Chen", now=desk.at)
    assert receive(database, "North", told, subscriber=0).gift == "umbrella"
    assert receive(database, "North", told, subscriber=0).gift is None
    assert receive(database, "North", told, subscriber=2).gift is None, "none was free when he was booked"
    assert gifts(desk) == {"umbrella": (1, 1, 0)}
    desk.later(days=29)
    assert lapse(database, Told(by="Chen", now=desk.at)) == []
    desk.later(days=1)
    assert gifts(desk) == {"umbrella": (1, 0, 1)}, "the clock's day is enough"
    over = lapse(database, Told(by="Chen", now=desk.at))
    assert {str(one.number) for one in over} == set(numbers.values())
    assert gifts(desk) == {"umbrella": (1, 0, 1)}


def test_who_declines_gives_his_gift_back(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    gifts(desk, gift="umbrella", count=1, by="Chen")
    number = booked(desk, contacts, [0], gift="umbrella")[0]
    desk.do(commands.called_command, number, SecondCall.REFUSED, by="Wang Fang")
    assert gifts(desk) == {"umbrella": (1, 0, 1)}


def test_a_count_below_what_is_promised_is_told_and_nothing_goes_below_nothing(
    tmp_path, warehouse, database, keys
):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    gifts(desk, gift="umbrella", count=2, by="Chen")
    booked(desk, contacts, [0, 1], gift="umbrella")
    answer = desk.do(desk_command.gifts_command, "North", gift="umbrella", count=0, by="Chen")
    assert len(answer["sentences"]) == 1
    assert gifts(desk) == {"umbrella": (0, 2, 0)}
    assert receive(database, "North", Told(by="Chen", now=desk.at), subscriber=0).gift is None
    assert gifts(desk) == {"umbrella": (0, 1, 0)}


def test_who_comes_to_another_hall_takes_a_gift_that_is_free_there(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    desk.do(commands.set_command, "South", caller="Zhao", days="tue", by="Li")
    for hall in ("North", "South"):
        gifts(desk, hall, gift="umbrella", count=1, by="Chen")
    booked(desk, contacts, [0], gift="umbrella")
    assert receive(database, "South", Told(by="Chen", now=desk.at), subscriber=0).gift == "umbrella"
    assert gift_stock(database, "North", desk.at.date()) == {"umbrella": (1, 0)}
    assert gift_stock(database, "South", desk.at.date()) == {"umbrella": (0, 0)}
