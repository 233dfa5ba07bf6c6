"""A plan that was made, rehearsed: with people enough it brings what the plan expects."""

import pytest

from telewave.platform.progress import Silent
from telewave.rehearsal.model import Means, Stage
from telewave.rehearsal.usecases import rehearse, script_called


def test_the_rehearsal_of_a_plan_brings_what_the_plan_expects(fresh, database, plan):
    campaign, rows = plan
    script = script_called(fresh, database, campaign.id)
    found = rehearse(script, Means(agents=50), Silent(), draws=40).found
    assert len(script.day) + script.unknown >= len(rows)
    assert found.total[Stage.MADE].value == pytest.approx(len(script.day))
    assert not any(desk.assumed for desk in script.desks.values())
    expected = float(script.orders.sum())
    assert found.total[Stage.ORDERED].value == pytest.approx(expected, rel=0.2)
