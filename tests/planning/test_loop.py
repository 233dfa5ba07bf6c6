"""The whole loop at a branch's rates: a year on record, learnt from, planned on, and the plan judged by the hidden truth."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from tests.planning.history import (
    OFFERS,
    Truth,
    base_of,
    choice_of_orders,
    fitted,
    funnel_of,
    grouped,
    lived_through,
    open_to,
    redrawn,
    scored,
    with_persons,
)

from telewave.allocation.solve import allocate
from telewave.briefs.campaign_file import load_campaign
from telewave.briefs.model import BELIEVED, Holdout, scaled
from telewave.offers.curves import margins
from telewave.planning.learnt_effects import with_learnt, with_learnt_choice
from telewave.planning.options import open_to as may_get
from telewave.planning.options import values
from telewave.planning.proposal import propose
from telewave.planning.taste import ON_THE_BASE

SIZE, SEEDS, DRAWS, BRANCH = 60_000, 2, 8, 3_500_000


def campaign():
    """The reference case in proportion, without a stock, with effects left to be learnt."""
    brief = scaled(load_campaign(Path("reference")), SIZE / BRANCH)
    channels = tuple(replace(one, effect=replace(one.effect, rests_on=BELIEVED)) for one in brief.channels)
    return replace(brief, channels=channels, device_stock=None, holdout=Holdout(0.05, 0.0))


@dataclass
class Judge:
    """Values of a plan's options: of persons as they are, and averaged over what no record shows of them."""

    made: object
    past: object
    rows: np.ndarray

    def __post_init__(self):
        self.open_offers = open_to(self.past.crowd)
        fee, brief = self.made.base.fee_minor, self.made.campaign
        self.margin = np.stack([margins(o, fee, brief.economics, ON_THE_BASE) / 100 for o in OFFERS], 1)

    def truth(self, crowd):
        found = Truth(self.past, crowd, self.rows)
        return found.gains(self.made.campaign.channels), found.taste(self.open_offers)

    def values(self, won):
        """`won` of channel and offer, shape (rows, channels, offers)."""
        made, columns = self.made, []
        for option in made.options.options:
            channel = made.campaign.channels[option.channel]
            spent = float((channel.cost + made.campaign.choice.fatigue).major)
            earned = won[:, option.channel, option.offer] * self.margin[:, option.offer] - spent
            columns.append(np.where(may_get(made.base, option), earned, -np.inf))
        return np.stack(columns, 1).astype(np.float32)

    def averaged(self, lot):
        """Means over the hidden traits: won (rows, channels, offers), gains and taste."""
        total = None
        for _ in range(DRAWS):
            gain, taste = self.truth(redrawn(self.past.crowd, lot))
            parts = [gain[:, :, None] * taste[:, None, :], gain, taste]
            total = parts if total is None else [one + other for one, other in zip(total, parts, strict=True)]
        return [one / DRAWS for one in total]


def earned(values, choice):
    row, touch = np.nonzero(choice >= 0)
    return float(values[row, choice[row, touch].astype(int)].sum(dtype=np.float64))


def judged(seed, folder):
    """What plans really earn, in yuan, by what they know; every plan under the same limits."""
    past = lived_through(SIZE, seed)
    probability = scored(fitted(past), past.crowd)
    brief = campaign()
    base, rows = base_of(past, probability, brief)
    funnel, choice = funnel_of(past, probability, folder), choice_of_orders(past)
    learnt, groups = (
        with_learnt_choice(with_learnt(brief, one), choice) for one in (funnel, replace(funnel, willing=None))
    )
    believed = propose(brief, OFFERS, base, group=grouped(base.probability))
    known = with_persons(past, learnt, base, rows, folder)
    made = propose(learnt, OFFERS, known, group=grouped(base.probability))
    by_group = propose(groups, OFFERS, base, group=grouped(base.probability))
    judge = Judge(made, past, rows[np.searchsorted(base.subscriber, made.base.subscriber)])
    gain, taste = judge.truth(past.crowd)
    truth = judge.values(gain[:, :, None] * taste[:, None, :])
    won, mean_gain, mean_taste = judge.averaged(np.random.default_rng(seed))

    def planned(value):
        return earned(truth, allocate(replace(made.problem, values=value)).choice)

    def with_parts(gains=None, tastes=None):
        chance = replace(
            made.chance,
            gain=made.chance.gain if gains is None else gains,
            taste=made.chance.taste if tastes is None else np.broadcast_to(tastes, made.chance.taste.shape),
        )
        return planned(values(made.base, made.campaign, made.options, chance))

    organic = Truth(past, past.crowd, judge.rows).organic
    alone = ((1 - organic) / (1 - made.chance.organic))[:, None]
    group = grouped(base.probability)[np.searchsorted(base.subscriber, made.base.subscriber)]
    by_group = np.stack([mean_gain[group == one].mean(0) for one in range(3)])[group]
    enterprise = past.crowd.enterprise[judge.rows][:, None]
    theirs = np.where(enterprise, mean_taste, made.chance.taste)
    others = np.where(enterprise, made.chance.taste, mean_taste)
    return {
        "learnt": earned(truth, made.ways.plan.choice),
        "learnt of groups alone": earned(truth, by_group.ways.plan.choice),
        "beliefs alone": earned(truth, believed.ways.plan.choice),
        "matrix": earned(truth, made.ways.matrix.choice),
        "blanket": earned(truth, made.ways.blanket.choice),
        "all that records could tell": planned(judge.values(won)),
        "every person known": planned(truth),
        "learnt, but the truth on who comes by himself": with_parts(gains=made.chance.gain * alone),
        "learnt, but the truth on effects": with_parts(gains=mean_gain),
        "learnt, but the truth on each group's effects": with_parts(gains=by_group),
        "learnt, but the truth on offers": with_parts(tastes=mean_taste),
        "learnt, but the truth on enterprises' offers": with_parts(tastes=theirs),
        "learnt, but the truth on all others' offers": with_parts(tastes=others),
        "the truth on each group's effects and on offers": with_parts(gains=by_group, tastes=mean_taste),
        "the truth on effects and on offers": with_parts(gains=mean_gain, tastes=mean_taste),
        "expected of learnt": float(made.ways.plan.profit),
    }


@pytest.mark.prove
def test_what_a_year_of_records_taught_earns_more_than_beliefs_the_matrix_and_blanket_contact(tmp_path):
    """Simulated. What is left to be learnt is printed, one part of the truth at a time. No share of what records could
    tell is asked for yet: ADR 46 says how far it is from that.
    """
    found = [judged(seed, tmp_path / str(seed)) for seed in range(1, SEEDS + 1)]
    yuan = np.array([list(one.values()) for one in found])
    for name, column in zip(found[0], yuan.T, strict=True):
        print(f"{name}: {column.mean():.0f} yuan, standard error {column.std(ddof=1) / np.sqrt(SEEDS):.0f}")
    learnt, groups, believed, matrix, blanket, told = yuan[:, :6].T
    assert np.all(learnt > np.maximum(believed, 0))
    assert np.all(learnt > groups)
    assert np.all(learnt > np.maximum(matrix, blanket))
    assert np.all(learnt < told)
