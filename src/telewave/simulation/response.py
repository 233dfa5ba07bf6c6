"""The truth of organic response: who takes the offer by himself, and who leaves. Pure.

Odds of taking = level of the cell and month x relative response x occasion. The relative response has a part that
records show (the case's eight variables) and a hidden part. What a contact does: see `process`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from telewave.simulation.assumptions import ASSUMPTIONS
from telewave.simulation.facts import OFFER, Base
from telewave.simulation.people import Array, People

DAYS = 30


@dataclass(frozen=True, slots=True)
class Cause:
    """One variable of the case. `weight`: change of the log response a standard deviation (`scale`) of its log.

    `name`: as the feature catalogue calls what is observed of it.
    """

    name: str
    weight: float
    centre: float
    scale: float


CAUSES = {
    "called": Cause("called_home_min", 0.64, 4.0, 1.40),
    "internet": Cause("data_min", 0.38, 6.4, 1.15),
    "tenure": Cause("tenure_months", 0.34, 3.5, 1.00),
    "inter": Cause("calling_home_inter_provincial_min", 0.20, 1.7, 1.80),
    "calls": Cause("calls", 0.06, 4.3, 1.147),
    "mms": Cause("mms_out", 0.14, 0.0, 1.50),
    "data": Cause("data_mb", 0.07, 7.0, 2.80),
    "broadband": Cause("broadband_mb", 0.26, 9.8, 1.10),
}
AGE_WEIGHT = 0.42
"""Of `age_shape`; the name of its feature is age."""


def relative_observable(people: People, offer: str = OFFER) -> Array:
    """Exp of what records say of each subscriber's liking of an offer, shape (n,). Means nothing until levelled."""
    score = _of_the_case(people) if offer == OFFER else _of_the_modem(people)
    # Machines do not buy, however much they call.
    return np.asarray(np.exp(np.where(people.machine, -6.0, score)))


def _of_the_case(people: People) -> Array:
    """What the case's variables say."""
    minutes = people.call_scale * 2.0 / 60
    called = people.calls * DAYS * people.called_share * minutes
    inter = people.calls * DAYS * (1 - people.called_share) * people.inter_provincial * minutes
    mobile = (
        _term("called", called)
        + _term("internet", people.sessions * DAYS * people.session_s / 60)
        + _term("inter", inter)
        + _term("calls", people.calls * DAYS)
        + _term("mms", people.mms * DAYS)
        + _term("data", people.sessions * DAYS * people.session_kb / 1024)
    )
    wired = _term("broadband", people.broadband * DAYS * people.broadband_kb / 1024)
    score = np.where(people.mobile, mobile, 0.0) + np.where(people.base == Base.MOBILE, 0.0, wired)
    return np.asarray(score + _term("tenure", people.tenure) + AGE_WEIGHT * age_shape(people.age))


def appetite(people: People) -> Array:
    """Hunger for mobile data, about standard normal among mobile subscribers, shape (n,)."""
    return _term("data", people.sessions * DAYS * people.session_kb / 1024) / CAUSES["data"].weight


def _of_the_modem(people: People) -> Array:
    """Who uses much mobile data wants a modem, and more so without broadband. Nobody without a mobile product can have
    one.
    """
    score = 0.8 * appetite(people) - np.where(people.base == Base.BOTH, 0.5, 0.0)
    return np.where(people.mobile, score, -np.inf)


def _term(cause: str, value: Array) -> Array:
    c = CAUSES[cause]
    return np.asarray(c.weight * np.clip((np.log(np.maximum(value, 0.05)) - c.centre) / c.scale, -2.5, 2.5))


def age_shape(age: Array) -> Array:
    """1 at 24-36, falling to 0 at 20 and 42 and to -1.5 at 60 and beyond. The case:
    high at 24-36, middling at 18-23 and 37-45.
    """
    return np.interp(age, [15, 20, 24, 36, 42, 60], [-0.8, 0.0, 1.0, 1.0, 0.0, -1.5])


def relative_hidden(people: People, offer: str = OFFER) -> Array:
    """Exp of what no record shows: liking of devices or of the web, price, and what the neighbours do; mean about 1."""
    liked, liking = (0.35, people.affinity) if offer == OFFER else (0.5, people.online)
    hidden = liked * liking - 0.25 * people.price_sensitivity + 0.25 * people.community
    return np.asarray(np.exp(hidden - (liked**2 + 0.25**2 + 0.25**2) / 2))


def occasion(people: People, draw: np.random.Generator) -> Array:
    """What multiplies the odds of a month: an occasion (device breaks, move of house), likelier with an old device."""
    chance = ASSUMPTIONS["occasion_a_month"] * np.clip(people.device_months / 20, 0.3, 3)
    return np.where(draw.random(len(people)) < chance, ASSUMPTIONS["occasion_multiplier"], 1.0)


def leaving(people: People, annoyed: Array) -> Array:
    """Chance to leave at the end of a month, shape (n,): falls with loyalty, and rises with what contacts have left of
    annoyance (see `process.annoyance`).
    """
    hazard = ASSUMPTIONS["monthly_churn"] * np.exp(
        -0.5 * people.loyalty - 0.125 + ASSUMPTIONS["put_off_churn"] * annoyed
    )
    return np.asarray(np.clip(hazard, 1e-5, 0.5))
