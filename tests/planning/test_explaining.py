"""Why somebody is in the plan or not: one row beside the prices that are kept with it."""

from dataclasses import replace

import numpy as np
import pytest
from tests.planning.planned import made_plan, told_of

from telewave.planning.explanation import NotInTheBase, Reason


def test_every_subscriber_has_a_reason(warehouse, database, campaign):
    made = made_plan(warehouse, database, campaign).proposal
    contacted = set(made.base.subscriber[made.row].tolist())
    numbers = [*sorted(contacted)[:8], *range(16), int(made.everybody[made.held][0])]
    found = {n: told_of(warehouse, database, campaign, n) for n in numbers if n % 50 != 7}
    assert {Reason.CHOSEN, Reason.HELD_OUT} <= {one.reason for one in found.values()}
    for number, one in found.items():
        inside = one.reason in (Reason.CHOSEN, Reason.BY_CHANCE)
        assert inside == (number in contacted)
        if one.reason is Reason.CHOSEN:
            assert one.options[0].chosen
            worth = [option.value - option.price for option in one.options if not option.chosen]
            best = one.options[0].value - one.options[0].price
            assert best >= max(worth, default=-np.inf) - 0.05  # rounding moves who is nearly indifferent
        if one.reason is Reason.EARNS_NOTHING:
            assert max(option.value for option in one.options) <= 0
    with pytest.raises(NotInTheBase):
        told_of(warehouse, database, campaign, 10**9)


def test_an_explanation_is_one_row_beside_the_plans_prices(warehouse, database, campaign):
    made = made_plan(warehouse, database, campaign).proposal
    price = made.allocation.prices @ made.problem.use.reshape(len(made.problem.limits), -1)
    price = price.reshape(made.problem.class_count, -1)
    for row in (0, 7, len(made.base.subscriber) - 1):
        found = told_of(warehouse, database, campaign, int(made.base.subscriber[row]))
        assert not found.brief_changed
        assert found.options
        named = {
            (
                str(made.options.offers[o.offer].id),
                campaign.channels[o.channel].id,
                campaign.phases[o.phase].id,
            ): j
            for j, o in enumerate(made.options.options)
        }
        for one in found.options:
            j = named[one.ids]
            assert one.value == pytest.approx(float(made.problem.values[row, j]), rel=1e-5, abs=1e-6)
            assert one.price == pytest.approx(float(price[made.problem.classes[row], j]), rel=1e-9, abs=1e-12)
            assert one.chosen == bool(np.any((made.row == row) & (made.option == j)))
    changed = told_of(warehouse, database, replace(campaign, spacing_days=3), int(made.base.subscriber[0]))
    assert changed.brief_changed
