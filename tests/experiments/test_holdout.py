"""Who is held out: the same answer for ever, exact sizes, independent draws, a control group that nobody contacts."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telewave.experiments.holdout import (
    GOLDEN,
    NamelessExperiment,
    NegativeSubscriber,
    Purpose,
    RepeatedSubscriber,
    ReversedDays,
    ShareOutOfRange,
    UnequalLists,
    UniversalControl,
    UnusablePeriod,
    held_out,
    mix,
    salt,
    sizes_by_stratum,
    stratified,
    uniform,
)

people = st.lists(st.integers(0, 2**31 - 1), unique=True, max_size=200).map(lambda n: np.array(n, np.int32))
shares = st.floats(0, 0.99)
days = st.dates(date(2024, 1, 1), date(2030, 12, 31))


def test_the_mixing_is_that_of_splitmix64():
    # Outputs published for the seed 1234567: mix(seed + k G), k = 1 .. 5.
    steps = np.array([(1234567 + k * GOLDEN) % 2**64 for k in range(1, 6)], np.uint64)
    assert mix(steps).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_the_answer_is_the_same_for_ever():
    assert salt("handset 2026", Purpose.HOLDOUT) == PINNED_SALT
    numbers = np.array([0, 1, 7, 2_147_483_647])
    assert [value.hex() for value in uniform("handset 2026", numbers).tolist()] == PINNED


PINNED_SALT = 0x4FA652FC9DAB7001
PINNED = ["0x1.00571e2363900p-8", "0x1.a2b6ffd818366p-2", "0x1.6a90442f37a6ap-1", "0x1.f16106eafa814p-2"]


def one_by_one(experiment, subscriber):
    """The documented formula in whole numbers, without numpy."""

    def mixed(x):
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB % 2**64
        return x ^ (x >> 31)

    return (
        mixed((mixed((subscriber + GOLDEN) % 2**64) + salt(experiment, Purpose.HOLDOUT)) % 2**64) >> 11
    ) / 2**53


@given(people)
def test_one_subscriber_gets_the_answer_that_all_get(subscribers):
    together = uniform("any", subscribers)
    assert together.tolist() == [one_by_one("any", int(number)) for number in subscribers]


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.uint32, np.uint64])
def test_the_kind_of_whole_number_does_not_matter(kind):
    numbers = np.arange(50)
    assert np.array_equal(uniform("any", numbers.astype(kind)), uniform("any", numbers))


def test_draws_are_even_and_neighbours_experiments_and_purposes_are_independent():
    numbers = np.arange(400_000)
    base = uniform("a", numbers)
    counts = np.bincount((base * 100).astype(int), minlength=100)
    chi_square = float(((counts - 4000) ** 2 / 4000).sum())
    assert 55 < chi_square < 155  # 99 degrees of freedom: five standard deviations about its mean
    for other in (uniform("b", numbers), uniform("a", numbers, Purpose.LOT), uniform("a", numbers + 1)):
        assert abs(np.corrcoef(base, other)[0, 1]) < 5 / np.sqrt(len(numbers))


@given(people, shares, shares)
def test_a_larger_share_only_adds_people(subscribers, one, other):
    small, large = sorted((one, other))
    assert not (held_out("x", subscribers, small) & ~held_out("x", subscribers, large)).any()


@given(people, shares, st.randoms())
def test_sizes_by_stratum_are_exact_and_the_order_of_the_list_does_not_matter(subscribers, share, chance):
    strata = subscribers % 3
    held = stratified("x", subscribers, strata, share)
    assert abs(held.sum() - share * len(subscribers)) <= 0.5 + 1e-6
    for code in np.unique(strata):
        in_it = strata == code
        assert abs(held[in_it].sum() - share * in_it.sum()) < 1
        drawn = uniform("x", subscribers[in_it])
        if 0 < held[in_it].sum() < in_it.sum():
            assert drawn[held[in_it]].max() < drawn[~held[in_it]].min()
    order = list(range(len(subscribers)))
    chance.shuffle(order)
    assert np.array_equal(stratified("x", subscribers[order], strata[order], share), held[order])


@pytest.mark.parametrize(
    ("counts", "share", "sizes"),
    [([100], 0.29, [29]), ([5, 5], 0.1, [1, 0]), ([10, 10, 15], 0.1, [1, 1, 2]), ([0, 4], 0.25, [0, 1])],
)
def test_places_are_dealt_by_largest_remainder(counts, share, sizes):
    assert sizes_by_stratum(np.array(counts), share).tolist() == sizes


def test_the_universal_control_is_another_one_in_the_next_period():
    control, numbers = UniversalControl(0.02), np.arange(200_000)
    third = control.members(numbers, date(2026, 7, 1))
    assert np.array_equal(third, control.members(numbers, date(2026, 9, 30)))
    fourth = control.members(numbers, date(2026, 10, 1))
    assert abs(third.mean() - 0.02) < 0.002
    assert abs((third & fourth).mean() - 0.0004) < 0.0003


@given(days, days, st.sampled_from([1, 2, 3, 4, 6, 12]))
@settings(max_examples=50)
def test_a_campaign_leaves_the_groups_of_every_day_it_runs_on_alone(one, other, months):
    control, numbers = UniversalControl(0.1, months), np.arange(300)
    start, end = sorted((one, other))
    whole = control.members(numbers, start, end)
    for step in range(0, (end - start).days + 1, 17):
        assert not (control.members(numbers, start + timedelta(step)) & ~whole).any()
    assert not (control.members(numbers, end) & ~whole).any()


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: held_out("x", np.arange(3), 1.0), ShareOutOfRange, "share of 1"),
        (lambda: held_out("x", np.arange(3), float("nan")), ShareOutOfRange, "nan"),
        (lambda: held_out(" ", np.arange(3), 0.1), NamelessExperiment, "needs a name"),
        (lambda: held_out("x", np.array([4, -7]), 0.1), NegativeSubscriber, "-7"),
        (lambda: stratified("x", np.array([4, 9, 4]), np.zeros(3, int), 0.1), RepeatedSubscriber, "4 is in"),
        (lambda: stratified("x", np.array([4, 9, 4]), np.arange(3), 0.1), RepeatedSubscriber, "4 is in"),
        (lambda: stratified("x", np.arange(3), np.zeros(2, int), 0.1), UnequalLists, "3 subscribers and 2"),
        (lambda: UniversalControl(0.01, 5), UnusablePeriod, "5 months"),
        (lambda: UniversalControl(1.0), ShareOutOfRange, "share of 1"),
        (
            lambda: UniversalControl(0.1).members(np.arange(3), date(2026, 2, 1), date(2026, 1, 1)),
            ReversedDays,
            "2026-01-01",
        ),
    ],
)
def test_bad_input_is_refused_with_the_remedy(call, error, said):
    with pytest.raises(error, match=said):
        call()


def test_holdouts_of_many_experiments_overlap_as_chance_has_it():
    # 200 names, 5 % of 20 000 each: the overlap of every pair is 50 on average, and its spread that of chance.
    numbers = np.arange(20_000)
    held = np.array([held_out(f"campaign {k}", numbers, 0.05) for k in range(200)], np.float32)
    overlaps = (held @ held.T)[np.triu_indices(200, 1)]
    assert abs(overlaps.mean() - 50) < 0.5
    assert 0.93 < overlaps.std() / np.sqrt(20_000 * 0.0025 * (1 - 0.0025)) < 1.07
    times_held = held.sum(axis=0)
    assert abs(times_held.var() - 200 * 0.05 * 0.95) < 0.5
