"""Rules of attribution: what must be exactly so, on generated paths, and Shapley against its definition."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telewave.kernel import Estimate, Inconclusive
from telewave.measurement.attribution import Rule, attributed, channels_of, conversion
from telewave.measurement.model import ChannelReturn
from telewave.measurement.returns import proposal

PATHS = st.dictionaries(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=5).map(tuple),
    st.integers(1, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40)
@given(PATHS)
def test_the_chains_chance_to_order_is_orders_over_paths(paths):
    people, orders = (sum(column) for column in zip(*paths.values(), strict=True))
    assert conversion(paths) == pytest.approx(orders / people)


@settings(max_examples=40)
@given(PATHS)
def test_every_rule_shares_out_all_orders_and_no_more(paths):
    orders = sum(took for _, took in paths.values())
    for rule in Rule:
        found = attributed(paths, rule)
        assert sum(found.values()) == pytest.approx(orders)
        assert min(found.values()) >= -1e-9
        assert set(found) == set(channels_of(paths))


@settings(max_examples=40)
@given(PATHS)
def test_shapley_is_the_mean_of_what_a_channel_adds_over_all_orders_of_joining(paths):
    names = channels_of(paths)

    def worth(channels):
        return sum(took for path, (_, took) in paths.items() if set(path) <= channels)

    every = list(permutations(names))
    for name in names:
        added = [worth(set(p[: p.index(name) + 1])) - worth(set(p[: p.index(name)])) for p in every]
        assert attributed(paths, Rule.SHAPLEY)[name] == pytest.approx(sum(added) / len(every))


def test_position_gives_the_ends_40_per_cent_each_and_the_middle_the_rest():
    found = attributed({("a", "b", "c", "d"): (1, 1)}, Rule.POSITION)
    assert found == pytest.approx({"a": 0.4, "b": 0.1, "c": 0.1, "d": 0.4})
    assert attributed({("a", "b"): (1, 1)}, Rule.POSITION) == pytest.approx({"a": 0.5, "b": 0.5})
    assert attributed({("a", "b"): (1, 1)}, Rule.LAST) == {"a": 0, "b": 1}


def test_a_channel_without_which_nothing_is_ordered_gets_more_by_removal():
    paths = {("a", "b"): (10, 5), ("b",): (10, 0), ("a",): (10, 5)}
    found = attributed(paths, Rule.REMOVAL)
    assert found["a"] > found["b"]


def channel(name, cost, margin):
    def share(low, value, high):
        part = Estimate(value=value, low=low, high=high, n=1_000, method="")
        return dict.fromkeys(Rule, part)

    return ChannelReturn(channel=name, contacts=10, cost=cost, orders=share(1, 2, 3), margin=share(*margin))


def test_budget_is_to_be_moved_only_where_that_wins_within_its_interval():
    many = {"call": 4_000.0, "sms": 4_000.0}
    poor, rich = channel("call", 1_000.0, (900, 1_000, 1_100)), channel("sms", 100.0, (900, 1_000, 1_100))
    move = proposal([poor, rich], many)
    assert (move.source, move.target, move.amount) == ("call", "sms", 200.0)
    assert 0 < move.gain.low < move.gain.value < move.gain.high
    unsure = channel("sms", 100.0, (-900, 1_000, 2_900))
    assert isinstance(proposal([poor, unsure], many), Inconclusive)
    assert isinstance(proposal([poor, rich], {"call": 4_000.0, "sms": 9.0}), Inconclusive)
