from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.worlds import variables_of

from telewave.models.curves import high_rate, high_stretch, response_curve


def curve(values, label, **more):
    rows = pa.table({"x": values})
    return response_curve(variables_of(rows)[0], rows["x"], np.asarray(label, dtype=bool), **more)


def drawn(shape, n=20_000, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 100, n)
    return x, rng.random(n) < shape(x)


def bump(x):
    return np.where((x >= 40) & (x < 60), 0.12, 0.04)


def test_intervals_hold_the_true_rate_about_as_often_as_they_say():
    held = count = 0
    for seed in range(60):
        x, label = drawn(lambda v: 0.03 + 0.0005 * v, 4_000, seed)
        for part in curve(x, label).bins:
            truth = 0.03 + 0.0005 * (part.low + part.high) / 2
            held += part.rate.low <= truth <= part.rate.high
            count += 1
    assert count > 500
    assert 0.93 <= held / count <= 0.975


@pytest.mark.parametrize("seed", range(8))
def test_the_planted_bump_is_the_high_response_interval(seed):
    found = curve(*drawn(bump, seed=seed))
    low, high = found.bins[found.high_bins[0]].low, found.bins[found.high_bins[-1]].high
    assert low == pytest.approx(40, abs=6)
    assert high == pytest.approx(60, abs=6)
    assert found.shape.template == "highest in between"


def test_noise_has_a_high_response_interval_in_at_most_one_of_twenty_variables():
    marked = [
        bool(curve(*drawn(lambda v: np.full(len(v), 0.05), 5_000, seed)).high_bins) for seed in range(200)
    ]
    assert np.mean(marked) <= 0.05


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        (lambda x: 0.02 + 0.0015 * x, "rising"),
        (lambda x: 0.17 - 0.0015 * x, "falling"),
        (lambda x: np.full(len(x), 0.08), "flat"),
        (lambda x: 0.1 + 0.08 * np.sin(x / 6), "no clear shape"),
    ],
)
def test_shapes_are_named(shape, name):
    assert curve(*drawn(shape)).shape.template == name


def test_every_row_and_taker_is_in_one_bin_and_unknown_ones_in_a_bin_of_their_own():
    x, label = drawn(bump, 3_000)
    values = [None if k % 7 == 0 else v for k, v in enumerate(x)]
    found = curve(values, label)
    assert sum(b.n for b in found.bins) == 3_000
    assert sum(b.takers for b in found.bins) == label.sum()
    (unknown,) = [b for b in found.bins if b.missing]
    assert unknown.n == len(values[::7])
    assert (unknown.low, unknown.high, unknown.category) == (None, None, None)
    assert all(not found.bins[k].missing for k in found.high_bins)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.integers(-3, 3), st.floats(-1e6, 1e6, width=32)), st.booleans()),
        min_size=1,
        max_size=300,
    )
)
def test_bins_are_neighbours_and_complete_whatever_the_values(rows):
    values, label = [v if v is None else float(v) for v, _ in rows], [took for _, took in rows]
    found = curve(pa.array(values, pa.float64()), label)
    assert sum(b.n for b in found.bins) == len(rows)
    known = [b for b in found.bins if not b.missing]
    assert all(b.high == nxt.low for b, nxt in pairwise(known))
    assert not known or known[-1].high == max(v for v in values if v is not None)


def test_few_rows_make_few_bins():
    x, label = drawn(lambda v: np.full(len(v), 0.3), 120)
    assert 1 <= len(curve(x, label).bins) <= 3


def test_rare_takers_make_wide_bins():
    x, label = drawn(lambda v: np.full(len(v), 0.005), 20_000)
    assert 5 <= len(curve(x, label).bins) <= 10  # ten takers expected in each


def test_one_value_makes_one_bin():
    found = curve([3.0] * 200, np.arange(200) % 4 == 0)
    assert [(b.low, b.high, b.n) for b in found.bins] == [(3, 3, 200)]
    assert found.shape.template == "flat"


def test_unknown_values_alone_make_one_bin():
    found = curve(pa.nulls(100, pa.float64()), np.arange(100) % 4 == 0)
    assert [(b.missing, b.n, b.takers) for b in found.bins] == [(True, 100, 25)]


def test_categories_that_stand_out_are_marked_and_the_rare_ones_put_together():
    rng = np.random.default_rng(0)
    names = np.array([f"district {k:02}" for k in range(30)])
    place = rng.choice(30, 30_000, p=np.r_[np.full(20, 0.045), np.full(10, 0.01)])
    label = rng.random(30_000) < np.where(place == 3, 0.15, 0.05)
    found = curve(names[place], label)
    assert [found.bins[k].category for k in found.high_bins] == ["district 03"]
    assert found.shape.template == "differs by category"
    assert len(found.bins) == 21
    assert found.bins[-1].category == "…"
    assert sum(b.n for b in found.bins) == 30_000


def test_sampled_non_takers_give_the_rates_of_the_population():
    x, label = drawn(bump, 200_000)
    kept = label | (np.random.default_rng(1).random(len(label)) < 0.1)
    whole, sampled = curve(x, label), curve(x[kept], label[kept], other_weight=10.0)
    assert sampled.base_rate == pytest.approx(whole.base_rate, rel=0.02)
    inside = [b.rate.value for k, b in enumerate(sampled.bins) if k in sampled.high_bins]
    assert np.mean(inside) == pytest.approx(0.12, rel=0.1)
    assert high_rate(sampled).value == pytest.approx(np.mean(inside), rel=0.01)


def test_the_rate_of_high_response_is_that_of_the_whole_stretch_and_not_of_its_luckiest_bin():
    x, label = drawn(bump, 20_000)
    found = curve(x, label)
    inside = (x >= found.bins[found.high_bins[0]].low) & (x < found.bins[found.high_bins[-1]].high)
    told = high_rate(found)
    assert told.value == pytest.approx(label[inside].mean())
    assert told.n == inside.sum()
    assert told.low < told.value < max(found.bins[k].rate.value for k in found.high_bins)


def test_without_high_response_there_is_no_rate_of_it():
    assert high_rate(curve(*drawn(lambda v: np.full(len(v), 0.05), 5_000))) is None


def test_yes_and_no_are_categories_and_no_range():
    rng = np.random.default_rng(2)
    yes = rng.random(8_000) < 0.4
    values = pa.array([None if k % 9 == 0 else bool(v) for k, v in enumerate(yes)])
    found = curve(values, rng.random(8_000) < np.where(yes, 0.2, 0.05))
    assert [b.category for b in found.bins] == ["false", "true", None]
    assert [found.bins[k].category for k in found.high_bins] == ["true"]
    assert found.shape.template == "differs by category"


def test_what_has_a_high_stretch_is_not_called_flat():
    # Two halves, 5 and 7 %: the stretch stands out although twenty bins taken singly do not.
    told = [curve(*drawn(lambda v: np.where(v < 50, 0.05, 0.065), 8_000, seed)) for seed in range(60)]
    assert any(found.high_bins for found in told)
    assert all((found.shape.template == "flat") <= (not found.high_bins) for found in told)


def test_a_stretch_is_never_marked_for_being_low():
    assert high_stretch(np.array([50.0, 50, 5, 50, 50]), np.full(5, 500.0)) in (
        (0, 1),
        (3, 4),
        (0, 1, 2, 3, 4),
        (),
    )


def test_bins_without_takers_and_of_takers_alone_have_no_high_stretch():
    assert high_stretch(np.zeros(4), np.full(4, 10.0)) == ()
    assert high_stretch(np.full(4, 10.0), np.full(4, 10.0)) == ()


def test_a_number_of_few_values_gets_a_bin_each_however_few_rows_have_it():
    rng = np.random.default_rng(0)
    values = np.repeat([0.0, 1.0, 2.0, 7.0], [1_500, 400, 60, 40])
    found = curve(values, rng.random(2_000) < 0.05)
    assert [(b.low, b.high, b.n) for b in found.bins] == [(0, 1, 1_500), (1, 2, 400), (2, 7, 60), (7, 7, 40)]


def test_zero_and_one_are_never_flat_for_lack_of_bins():
    rng = np.random.default_rng(0)
    mark = (np.arange(3_000) % 75 == 0).astype(float)  # 40 rows have it, and most of them take
    found = curve(mark, rng.random(3_000) < np.where(mark == 1, 0.7, 0.02))
    assert [b.n for b in found.bins] == [2_960, 40]
    assert (found.shape.template, found.high_bins) == ("rising", (1,))


def test_what_lies_above_a_value_that_nearly_all_have_is_not_hidden_in_it():
    rng = np.random.default_rng(0)
    usage = np.where(np.arange(4_000) % 100 == 0, rng.uniform(1, 500, 4_000), 0.0)
    found = curve(usage, rng.random(4_000) < np.where(usage > 0, 0.6, 0.05))
    assert [b.n for b in found.bins] == [3_960, 40]
    assert found.high_bins == (1,)


def test_noise_over_few_values_is_flat_however_rare_some_of_them_are():
    shapes = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        values = rng.choice(10, 1_500, p=[0.6, 0.2, 0.1, 0.05, 0.02, 0.01, 0.01, 0.005, 0.003, 0.002])
        shapes.append(curve(values.astype(float), rng.random(1_500) < 0.03).shape.template)
    assert shapes.count("flat") >= 188


def test_categories_of_equal_size_stand_by_name_in_whatever_order_their_rows_lie():
    names = np.array(["b", "a", "c"] * 100)
    label = np.arange(300) % 7 == 0
    turned = slice(None, None, -1)
    assert curve(names, label) == curve(names[turned], label[turned])
    assert [b.category for b in curve(names, label).bins] == ["a", "b", "c"]
