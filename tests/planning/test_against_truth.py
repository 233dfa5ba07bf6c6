"""On the simulated city's hidden truth: what the allocation really earns, beside the case's matrix and blanket contact."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.planning.city import drawn_city

from telewave.offers.catalogue_file import reference_case
from telewave.offers.curves import margins
from telewave.planning.campaign import Holdout, Pilot, scaled
from telewave.planning.campaign_file import load_campaign
from telewave.planning.options import ON_THE_BASE
from telewave.planning.proposal import propose

SIZE, SEEDS, TAKE_UP, PILOT = 20_000, 20, 0.02, 200_000
BRANCH = 3_500_000


def campaign_of(size):
    """The reference case on a base of `size`: capacities, budget and stock in proportion."""
    whole = scaled(load_campaign(Path("reference")), size / BRANCH)
    return replace(whole, device_stock=None, holdout=Holdout(0.05, 0.0))


def with_pilots(campaign):
    """The campaign after a randomised pilot of every channel in another city: 100 000 contacted, as many held out."""
    city, draw = drawn_city(PILOT, 999, campaign, TAKE_UP), np.random.default_rng(999)

    def piloted(channel):
        contacted = draw.random(PILOT) < 0.5
        chance = city.organic + np.where(contacted, city.gain(channel.id), 0)
        taken = draw.random(PILOT) < chance
        counts = (contacted.sum(), (taken & contacted).sum(), (~contacted).sum(), (taken & ~contacted).sum())
        return replace(channel, effect=replace(channel.effect, pilot=Pilot(*map(int, counts))))

    return replace(campaign, channels=tuple(piloted(channel) for channel in campaign.channels))


def realised(made, city, kept, way):
    """True incremental profit of a way's contacts, in yuan: true gain x taste x margin - cost - fatigue."""
    row, touch = np.nonzero(way.choice >= 0)
    option = way.choice[row, touch]
    campaign, options = made.campaign, made.options
    gains = np.stack([city.gain(channel.id)[kept] for channel in campaign.channels], 1)
    earned = np.stack([margins(o, made.base.fee_minor, sale=ON_THE_BASE) / 100 for o in options.offers], 1)
    cost = np.array([float((c.cost + campaign.choice.fatigue).major) for c in campaign.channels])
    channel, offer = options.channel_codes[option], options.offer_codes[option]
    taken = gains[row, channel] * made.chance.taste[row, offer]
    return float((taken * earned[row, offer] - cost[channel]).sum())


@pytest.fixture(scope="module")
def differences():
    """Realised profit of the allocation less that of the matrix and of blanket contact, in yuan, by seed."""
    campaign = campaign_of(SIZE)
    campaign = with_pilots(campaign)
    rows = []
    for seed in range(1, SEEDS + 1):
        city = drawn_city(SIZE, seed, campaign, TAKE_UP)
        made = propose(campaign, reference_case().offers, city.base, group=city.group)
        kept = np.searchsorted(city.base.subscriber, made.base.subscriber)
        plan, matrix, blanket = (
            realised(made, city, kept, way) for way in (made.ways.plan, made.ways.matrix, made.ways.blanket)
        )
        rows.append((plan - matrix, plan - blanket, plan))
    return np.array(rows)


def interval(values):
    """95 % of the mean over seeds, by the normal approximation."""
    half = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
    return values.mean() - half, values.mean() + half


def test_the_allocation_really_earns_more_than_the_matrix_and_than_blanket_contact(differences):
    assert interval(differences[:, 0])[0] > 0
    assert interval(differences[:, 1])[0] > 0


def test_the_allocation_really_earns_more_than_doing_nothing(differences):
    assert interval(differences[:, 2])[0] > 0
