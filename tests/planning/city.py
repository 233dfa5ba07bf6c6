"""A base drawn from the simulated city's people, and the truth behind it: what a contact really changes. Only for judging."""

from dataclasses import dataclass

import numpy as np

from telewave.customers.base import BaseClass
from telewave.offers.catalogue_file import reference_case
from telewave.offers.classes import Customer, Openness, openness
from telewave.planning.options import Base
from telewave.simulation.facts import OFFER
from telewave.simulation.facts import Base as CityBase
from telewave.simulation.people import people
from telewave.simulation.process import Attempt, Minds, steps
from telewave.simulation.response import relative_hidden, relative_observable

CLASSES = {
    CityBase.BOTH: BaseClass.MOBILE_AND_BROADBAND,
    CityBase.MOBILE: BaseClass.MOBILE,
    CityBase.BROADBAND: BaseClass.BROADBAND,
}


@dataclass
class City:
    """The base that a planner sees (`base`; its probability is the truth's observable part) and what he does not see."""

    base: Base
    crowd: object
    organic: np.ndarray
    group: np.ndarray

    def gain(self, channel):
        """What one contact through a channel truly adds to everybody's probability."""
        wins = steps(Minds.of(self.crowd, OFFER), Attempt(channel=channel)).wins
        return (1 - self.organic) * wins


def drawn_city(size, seed, campaign, take_up=0.01, organic_share=0.8):
    crowd = people(range(size), seed)
    observable, hidden = relative_observable(crowd), relative_hidden(crowd)
    scale = take_up / observable.mean()
    probability = observable * scale / (1 + observable * scale)
    odds = observable * hidden * scale * organic_share
    offers = reference_case().offers
    keys = np.stack([crowd.base, crowd.prepaid, crowd.enterprise], 1).astype(int)
    open_offers = np.zeros((size, len(offers)), bool)
    for key in np.unique(keys, axis=0):
        rows = np.all(keys == key, axis=1)
        for number, offer in enumerate(offers):
            customer = Customer(
                new_number=offer.customers == "new", base=CLASSES[CityBase(key[0])],
                payment="prepaid" if key[1] else "postpaid", segment="enterprise" if key[2] else "public",
            )  # fmt: skip
            open_offers[rows, number] = openness(offer, customer) is Openness.ALL
    mobile, wired = crowd.base != CityBase.BROADBAND, crowd.base != CityBase.MOBILE
    needs_mobile = {"outbound_call", "sms"}
    reachable = np.stack([mobile | (c.id not in needs_mobile) for c in campaign.channels], 1)
    base = Base(
        subscriber=np.arange(size), probability=probability, fee_minor=np.round(crowd.arpu * 100).astype(np.int64), open_offers=open_offers, reachable=reachable,
        addressed=np.stack([mobile & wired, np.ones(size, bool)], 1),
    )  # fmt: skip
    rank = np.argsort(np.argsort(-probability))
    group = np.where(rank < 0.05 * size, 0, np.where(rank < 0.35 * size, 1, 2)).astype(np.int8)
    return City(base, crowd, odds / (1 + odds), group)
