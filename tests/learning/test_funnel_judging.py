"""Which of two versions later contacts speak for: pure rules on drawn contacts."""

from datetime import date, timedelta

import numpy as np
import pytest
from tests.proving import PROVING

from telewave.funnel.learning import Alike, learnt_cells
from telewave.funnel.model import Funnel, Question
from telewave.funnel.steps import Order, Outcome, Step
from telewave.learning.funnel_judging import FEWEST, Kind, Later, judged
from telewave.learning.model import Verdict

FIRST, END = date(2026, 7, 1), date(2026, 8, 1)
CHAMPION = (0.5, 0.7, 0.1)
OTHERWISE = (0.5, 0.7, 0.2)
SAID = ("no_answer", "hung_up", "refused", "willing")


def said(lot, chances, size):
    """How `size` calls ended whose steps have these chances."""
    reached, listens, willing = (lot.random(size) < one for one in chances)
    return np.select([~reached, ~listens, ~willing], [0, 1, 2], 3)


def kind(place, offer="phone", group="core"):
    outcome = Outcome(
        channel="outbound_call", disposition=SAID[place], order=Order.NONE if place < 3 else Order.OPEN
    )
    return Kind(outcome, group, offer)


def funnel(lot, chances, size, offer="phone", version=1):
    counts = np.bincount(said(lot, chances, size), minlength=4)
    records = [
        Alike(outcome=kind(k).outcome, group="core", offer=offer, score=0.0, n=int(n))
        for k, n in enumerate(counts)
        if n
    ]
    question = Question(since=date(2026, 4, 1), as_of=FIRST, days=14)
    cells = learnt_cells(records, ["core", "normal", "basic"])
    return Funnel(name="spring", version=version, question=question, contacts=size, cells=cells, effects=())


def later(lot, chances, size, to_a_household=1, **of):
    places = said(lot, chances, size)
    return Later(
        first=FIRST, end=END, kinds=[kind(k, **of) for k in range(4)], kind=places.astype(np.int64),
        household=np.arange(size) // to_a_household,
    )  # fmt: skip


def test_where_outcomes_differ_from_what_is_used_the_version_that_knows_them_is_better():
    lot = np.random.default_rng(1)
    old, new = funnel(lot, CHAMPION, 2_000), funnel(lot, OTHERWISE, 2_000, version=2)
    found = judged(old, new, later(lot, OTHERWISE, 3_000))
    assert found.verdict is Verdict.BETTER
    assert found.days_more is None
    by_step = {one.covers: one for one in found.steps}
    willing = by_step[Step.WILLING,]
    assert by_step[Step.REACHED,].n == 3_000 > by_step[Step.LISTENS,].n > willing.n
    assert abs(willing.challenger - willing.took) < abs(willing.champion - willing.took)
    assert willing.challenger_brier < willing.champion_brier
    assert willing.gain > 0
    assert judged(new, old, later(lot, OTHERWISE, 3_000)).verdict is Verdict.NOT_BETTER


def test_the_gain_is_the_mean_difference_of_log_loss_written_down_a_second_time():
    lot = np.random.default_rng(2)
    old, new = funnel(lot, CHAMPION, 500), funnel(lot, OTHERWISE, 800, version=2)
    records = later(lot, OTHERWISE, 400)

    def loss(version, place):
        cell = next(one for one in version.cells if (one.channel, one.group) == ("outbound_call", "core"))
        chances = [one.estimate.value for one in cell.steps]
        path = [True] * place + [False] if place < 3 else [True] * 3
        return -sum(np.log(p if took else 1 - p) for p, took in zip(chances, path, strict=False))

    gains = [loss(old, place) - loss(new, place) for place in records.kind]
    found = judged(old, new, records)
    assert found.gain.value == pytest.approx(np.mean(gains))
    assert found.loss == pytest.approx(np.mean([loss(old, place) for place in records.kind]))


def test_too_few_contacts_tell_nothing_and_the_same_figures_are_not_better():
    lot = np.random.default_rng(3)
    old, new = funnel(lot, CHAMPION, 2_000), funnel(lot, OTHERWISE, 2_000, version=2)
    few = judged(old, new, later(lot, OTHERWISE, FEWEST - 1))
    assert few.verdict is Verdict.UNTOLD
    none = judged(old, new, later(lot, OTHERWISE, 0))
    assert (none.verdict, none.records, none.days_more) == (Verdict.UNTOLD, 0, None)
    assert judged(old, old, later(lot, OTHERWISE, 5_000)).verdict is Verdict.NOT_BETTER


def test_what_is_not_told_yet_says_after_how_many_days_it_will_be():
    lot = np.random.default_rng(4)
    old, new = funnel(lot, CHAMPION, 4_000), funnel(lot, (0.5, 0.7, 0.13), 4_000, version=2)
    records = later(lot, (0.5, 0.7, 0.14), 400)
    found, days = judged(old, new, records), (END - FIRST).days
    assert found.verdict is Verdict.UNTOLD

    def after(more):
        """As many more of just such contacts as come in so many days."""
        size = round(400 * (days + more) / days)
        kinds = np.resize(np.sort(records.kind)[np.argsort(np.arange(400) * 271 % 400)], size)
        return judged(
            old, new, Later(first=FIRST, end=FIRST + timedelta(days=days + more), kinds=records.kinds, kind=kinds, household=np.arange(size))
        )  # fmt: skip

    assert found.days_more > 20
    assert after(round(found.days_more * 0.7)).verdict is Verdict.UNTOLD
    assert after(round(found.days_more * 1.3)).verdict is Verdict.BETTER


def test_a_household_s_contacts_count_as_one_draw():
    lot = np.random.default_rng(5)
    old, new = funnel(lot, CHAMPION, 1_000), funnel(lot, OTHERWISE, 1_000, version=2)
    alone = later(np.random.default_rng(6), OTHERWISE, 300)
    fivefold = Later(
        first=FIRST,
        end=END,
        kinds=alone.kinds,
        kind=np.repeat(alone.kind, 5),
        household=np.repeat(alone.household, 5),
    )
    one, five = judged(old, new, alone), judged(old, new, fivefold)
    assert five.gain.value == pytest.approx(one.gain.value)
    assert (five.households, five.records) == (300, 1_500)
    apart = Later(first=FIRST, end=END, kinds=alone.kinds, kind=fivefold.kind, household=np.arange(1_500))
    narrow = judged(old, new, apart).gain
    assert five.gain.high - five.gain.low > 1.5 * (narrow.high - narrow.low)


def test_a_step_that_one_version_has_not_on_record_is_compared_together_with_the_next():
    lot = np.random.default_rng(7)
    old = funnel(lot, CHAMPION, 1_000)
    records = [
        Alike(outcome=kind(k).outcome, group="core", offer="phone", score=0.0, n=n)
        for k, n in ((0, 400), (2, 500), (3, 100))
    ]
    cells = learnt_cells(records, ["core", "normal", "basic"])
    new = Funnel(name="spring", version=2, question=old.question, contacts=1_000, cells=cells, effects=())
    found = judged(old, new, later(lot, CHAMPION, 1_000))
    assert {one.covers for one in found.steps} == {(Step.REACHED,), (Step.LISTENS, Step.WILLING)}


def test_an_offer_or_channel_that_a_version_does_not_know_is_predicted_by_its_group_or_as_believed():
    lot = np.random.default_rng(8)
    old, new = funnel(lot, CHAMPION, 1_000), funnel(lot, CHAMPION, 1_000, offer="plan", version=2)
    found = judged(old, new, later(lot, CHAMPION, 500, offer="plan"))
    assert 0.4 < next(one.champion for one in found.steps if one.covers == (Step.REACHED,)) < 0.6


@pytest.mark.prove
def test_a_version_that_is_only_learnt_anew_replaces_the_one_in_use_in_at_most_one_of_forty_worlds():
    """Judged after each week, for half a year. Outcomes are the champion's own; the challenger has chance alone."""
    worlds, wrong = 400 if PROVING else 40, 0
    for seed in range(worlds):
        lot = np.random.default_rng([9, seed])
        old = funnel(lot, CHAMPION, 200_000)
        new = funnel(lot, CHAMPION, 400, version=2)
        records = later(lot, CHAMPION, 2_600)
        looks = [
            judged(old, new, Later(first=FIRST, end=END, kinds=records.kinds, kind=records.kind[:n], household=records.household[:n]))
            for n in range(200, 2_601, 200)
        ]  # fmt: skip
        wrong += any(one.verdict is Verdict.BETTER for one in looks)
    assert wrong <= worlds / 40 + 2 * np.sqrt(worlds / 40)
