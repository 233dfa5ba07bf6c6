"""What stays in use whatever happens in between: two who approve at once, and an end at any moment."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from tests.learning.test_usecases import AFTER, home_of, pilot

from telewave.funnel.usecases import kept
from telewave.learning.deciding import InUseAlready
from telewave.learning.usecases import DecidedMeanwhile, approve, history, refit
from telewave.platform.clock import Clock, machine


class Ended(BaseException):
    """As if the process had been killed."""


def last_moments(left):
    """A clock that can be read so many times; then everything ends."""
    readings = iter(range(left))

    def instant():
        if next(readings, None) is None:
            raise Ended
        return machine()

    return Clock(instant=instant)


@pytest.fixture
def home(tmp_path):
    with home_of(tmp_path, pilot(AFTER, seed=11)) as opened:
        yield opened


def test_ended_at_any_moment_a_refit_leaves_the_version_in_use_and_the_next_one_goes_on(home):
    folder, moments = home.settings.home, 0
    while True:
        try:
            refit(replace(home, clock=last_moments(moments)), "spring", "Li Na")
        except Ended:
            moments += 1
            assert kept(folder, "spring").version == 1
            assert history(home, "spring").used == 1
            continue
        break
    told = history(home, "spring")
    assert moments >= 3
    assert (told.used, len(told.refits)) == (1, 1)
    assert told.refits[0].challenger == told.versions[-1].number
    assert (
        len(told.versions) > 2
    )  # one of the ends came after the challenger was kept, before it was compared


def test_of_two_who_approve_at_once_one_decides(home):
    refit(home, "spring", "Li Na")
    both = Barrier(2)

    def approved(person):
        both.wait()
        try:
            return approve(home, "spring", person, "better").by
        except (DecidedMeanwhile, InUseAlready) as error:
            return error.code

    with ThreadPoolExecutor(2) as hands:
        said = list(hands.map(approved, ["Wang Wei", "Zhao Min"]))
    told = history(home, "spring")
    assert told.uses[-1].by in said
    assert len([one for one in said if one in ("decided_meanwhile", "in_use_already")]) == 1
    assert len(told.uses) == 2
