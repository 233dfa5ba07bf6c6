"""The confirmation that is owed for opting out: each once, whoever asks beside; who has no number stays owed. On both databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from tests.contacts.test_handing_out import PEOPLE, keys
from tests.contacts.test_ledger_rows import TOLD

from telewave.contacts import objection_store, store
from telewave.contacts.confirming import Confirmed, confirmations
from telewave.contacts.objection_store import Objection
from telewave.platform.files import FileNotWritten

__all__ = ["keys"]
NUMBERLESS = PEOPLE - 1


@pytest.fixture
def owing(database, keys):
    """Three who opted out by message, one of them without a number."""
    act = store.Act(at=TOLD.now, person="Li", what="results", about="", policy=0)
    with store.lane(database) as connection:
        given = [Objection(subscriber=n, recorded_as="sms", kind="opted_out") for n in (0, 1, NUMBERLESS)]
        objection_store.add_objections(connection, given, store.enter_act(connection, act))
    return database


def owed(database):
    with database.transaction() as connection:
        return [subscriber for _, subscriber, _ in objection_store.unconfirmed(connection)]


class Meeting:
    """Keys that open numbers when both have read what is owed."""

    def __init__(self, keys, barrier):
        self.keys, self.barrier = keys, barrier

    def opener(self):
        self.barrier.wait(timeout=60)
        return self.keys.opener()


def test_two_who_confirm_at_once_list_nobody_twice_and_who_has_no_number_stays_owed(owing, keys):
    lists, barrier = ([], []), Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        found = list(
            pool.map(lambda mine: confirmations(owing, Meeting(keys, barrier), TOLD, mine.extend), lists)
        )
    assert sorted(line[0] for mine in lists for line in mine) == ["13900000000", "13900000001"]
    assert sorted(one.listed for one in found) == [0, 2]
    assert {one.without_number for one in found} == {1}
    assert owed(owing) == [NUMBERLESS]


def test_what_could_not_be_written_is_owed_still(owing, keys):
    def full(_):
        raise FileNotWritten(path="confirm.csv", cause="no space left")

    with pytest.raises(FileNotWritten):
        confirmations(owing, keys, TOLD, full)
    assert owed(owing) == [0, 1, NUMBERLESS]
    assert confirmations(owing, keys, TOLD, list) == Confirmed(listed=2, without_number=1)
