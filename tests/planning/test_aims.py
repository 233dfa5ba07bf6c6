"""Whom the plan would contact: one rule for those held out and those who are not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.test_proposal import OFFERS, campaign, city, proposed, scarce
from tests.proving import PROVING

from telewave.briefs.model import Holdout
from telewave.planning.aims import aimed_at
from telewave.planning.limits import CHANCE_CLASSES, classes_of
from telewave.planning.proposal import propose


def scarce_and_held_out(one):
    return replace(scarce(one), holdout=Holdout(0.2, 0))


@pytest.mark.parametrize("change", [None, scarce_and_held_out], ids=["as it is", "scarce"])
def test_nearly_all_whom_the_plan_contacts_are_aimed_at_and_the_lot_decides_who_of_them_is_held_out(change):
    made = proposed(change)
    contacted = np.unique(made.base.subscriber[made.row])
    assert np.isin(contacted, made.aims).mean() > 0.98
    assert np.isin(made.aimed_held, made.everybody[made.held]).all()
    n, share = len(made.aims), made.campaign.holdout.campaign
    assert abs(len(made.aimed_held) - n * share) < 4 * np.sqrt(n * share * (1 - share))
    assert not np.isin(made.aims, made.everybody[made.universal]).any()


@settings(max_examples=20 if PROVING else 5, deadline=None)
@given(seed=st.integers(1, 10_000), tight=st.booleans())
def test_whom_the_plan_aims_at_hardly_hangs_on_who_was_drawn(seed, tight):
    """Held out or not, a person is aimed at by what is known of him: with another draw nearly the same are."""
    asked = scarce_and_held_out(campaign()) if tight else campaign()
    aims = [
        set(
            propose(replace(asked, id=f"spring-{one}"), OFFERS, city().base, group=city().group).aims.tolist()
        )
        for one in (seed, seed + 1)
    ]
    universal = {int(one) for one in proposed().everybody[proposed().universal]}
    one, other = (found - universal for found in aims)
    assert len(one & other) > 0.95 * len(one | other)


@given(st.lists(st.sampled_from([1e-4, 3e-4, 0.001, 0.01, 0.2]), min_size=1, max_size=200), st.integers(0, 3))
def test_the_class_of_anybody_is_the_one_whose_people_are_as_likely(chances, bits):
    probability = np.array(chances)
    members = [(np.arange(len(probability)) >> bit) & 1 == 1 for bit in range(bits)]
    classes = classes_of(probability, members)
    again = classes.codes_of(probability, members)
    assert again.min() >= 0
    assert again.max() < classes.count
    assert (np.diff(classes.starts) >= 0).all()
    assert len(classes.starts) == CHANCE_CLASSES
    distinct = np.unique(probability)
    if len(distinct) == len(probability):
        assert (again == classes.code).all()


@given(st.integers(0, 2**32 - 1))
def test_aimed_at_is_who_has_an_option_worth_its_price(seed):
    draw = np.random.default_rng(seed)
    value = draw.normal(0, 2, (50, 4)).astype(np.float32)
    value[draw.random((50, 4)) < 0.3] = -np.inf
    price, code = draw.gamma(1, 1, (3, 4)), draw.integers(0, 3, 50)
    plainly = [max(float(value[i, j]) - price[code[i], j] for j in range(4)) > -1e-3 for i in range(50)]
    assert aimed_at(value, code, price).tolist() == plainly
