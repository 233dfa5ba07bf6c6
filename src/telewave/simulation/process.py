"""What one contact does: the chances of its steps, from attempt to order, for every person. Pure.

    attempt -> reached -> listens -> willing -> ordered in the contact (parcel accepted) | comes to the hall and buys

A step's chance is the logistic function of what `assumptions` adds up for the person, offer, channel, hour, agent,
script, promotions and fatigue. These are chances of one who has no intention of his own; one who would have ordered
later in the month by himself is willing with `intender_willing` instead. With p the organic chance of the month and q
the chance that one of its contacts wins (1 less the product of 1 less `Steps.wins`),

    P(order) = 1 - (1 - p)(1 - q),   without contact p,   caused (1 - p) q.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from scipy.special import expit

from telewave.simulation.assumptions import ASSUMPTIONS as A
from telewave.simulation.facts import (
    CUSTOMERS,
    ENTERPRISE_DEVICES,
    HANDLED,
    OFFER,
    PREPAID_DEVICES,
    Base,
    OrderKind,
)
from telewave.simulation.levels import group_of
from telewave.simulation.people import Array, People
from telewave.simulation.response import relative_hidden, relative_observable

CHANNELS = ("outbound_call", "hall", "third_party_shop", "sms", "web_push", "app")
FACE_TO_FACE, ONLINE = ("hall", "third_party_shop"), ("web_push", "app")
SCRIPTS = ("plain", "saving", "device")
"""What a caller speaks of: the offer, what it saves, the device. The second appeals to the price-sensitive, the third
to those who like devices.
"""
PROMOTIONS = ("recall_gift", "trade_in", "flash_sale")
OLD_DEVICE_MONTHS = 24
HOURS = {
    9: -0.03,
    10: 0.02,
    11: 0.01,
    12: -0.05,
    13: -0.04,
    14: -0.01,
    15: 0.0,
    16: 0.01,
    17: 0.03,
    18: 0.04,
    19: 0.03,
}
"""Added to the chance that a call is answered; at noon people eat and rest, after work they answer."""
ANNOYING = {"outbound_call": 1.0, "hall": 0.5, "third_party_shop": 0.5}
"""How much a touch annoys one whom contact puts off; a message `ANNOYING_MESSAGE`."""
ANNOYING_MESSAGE = 0.25
CORE, NORMAL, BASIC = 0, 1, 2
ACTIVE_CALLS_A_DAY, ACTIVE_MB_A_MONTH, LONG_TENURE_MONTHS = 2.6, 1_950.0, 24
"""From which a mobile subscriber counts as active: about the medians."""
LIKING = {OFFER: (0.22, 1.29), "data_modem": (-0.65, 1.18)}
"""Mean and standard deviation of the log relative odds of ordinary mobile subscribers, their class's included."""


def of_the_case(people: People) -> Array:
    """The reference case's groups, shape (n,): `CORE` 24-36 years, long tenure, calls and data above the middle;
    `NORMAL` 18-45 with two of these three; `BASIC` all others, and who has no mobile line.
    """
    data = people.sessions * people.session_kb * 30 / 1024
    strong = [
        people.calls > ACTIVE_CALLS_A_DAY,
        data > ACTIVE_MB_A_MONTH,
        people.tenure >= LONG_TENURE_MONTHS,
    ]
    score = np.sum(strong, axis=0)
    core = people.mobile & (people.age >= 24) & (people.age < 37) & (score == len(strong))
    normal = people.mobile & (people.age >= 18) & (people.age < 46) & (score >= 2)
    return np.select([core, normal], [CORE, NORMAL], default=BASIC)


def class_offsets() -> Array:
    """Log of takers a customer in each group of `levels.group_of`, of those of all: the case's penetration."""
    new, device = OrderKind.NEW_NUMBER, OrderKind.DEVICE_ONLY
    enterprise, prepaid = A["enterprise_share_mobile_broadband"], A["prepaid_share"]
    both, mobile = CUSTOMERS[Base.BOTH], CUSTOMERS[Base.MOBILE]
    size = np.array(
        [
            both * (1 - enterprise),
            both * enterprise,
            mobile * (1 - prepaid),
            mobile * prepaid,
            CUSTOMERS[Base.BROADBAND],
        ]
    )
    numbers = np.array(
        [HANDLED[base][new] for base in (Base.BOTH, Base.BOTH, Base.MOBILE, Base.MOBILE, Base.BROADBAND)]
    )
    split = np.array([1 - enterprise, enterprise, 1 - prepaid, prepaid, 1.0])
    devices = np.array([
        HANDLED[Base.BOTH][device] - ENTERPRISE_DEVICES, ENTERPRISE_DEVICES,
        HANDLED[Base.MOBILE][device] - PREPAID_DEVICES, PREPAID_DEVICES, 0,
    ])  # fmt: skip
    takers = numbers * split + devices
    return np.asarray(np.log(takers / size) - np.log(takers.sum() / size.sum()))


@dataclass(frozen=True, eq=False, kw_only=True)
class Minds:
    """What of people decides how they take a contact about one offer; every array has one entry a person.

    `liking`: standardised log relative odds of the offer, what shows and what does not; -inf: cannot have it.
    `group`: of the case. The rest as in `People`.
    """

    liking: Array
    group: Array
    patience: Array
    hall: Array
    online: Array
    price_sensitivity: Array
    affinity: Array
    persuasion: Array
    device_months: Array

    @staticmethod
    def of(people: People, offer: str) -> Minds:
        """Those of a block."""
        own = {f.name: getattr(people, f.name) for f in fields(Minds) if f.name not in ("liking", "group")}
        return Minds(liking=liking(people, offer), group=of_the_case(people), **own)

    def at(self, rows: Array) -> Minds:
        """Those of some rows."""
        return Minds(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def liking(people: People, offer: str) -> Array:
    """Standardised log relative odds of ordering by oneself, shape (n,), the class's part included."""
    centre, scale = LIKING[offer]
    with np.errstate(divide="ignore"):
        logs = np.log(relative_observable(people, offer) * relative_hidden(people, offer))
    if offer == OFFER:
        logs = logs + class_offsets()[np.maximum(group_of(people), 0)]
    return np.asarray((logs - centre) / scale)


@dataclass(frozen=True, kw_only=True, eq=False)
class Attempt:
    """One attempt a person. Every field but the channel and the promotions may be one value or one a person.

    `hour` of the day; `skill` of the agent (standard normal); `script`: its place in `SCRIPTS`, or -1; `tired`: touches
    that got through before, as far as they are not forgotten (see `forgotten`).
    """

    channel: str
    hour: Array | int = 15
    skill: Array | float = 0.0
    script: Array | int = -1
    tired: Array | float = 0.0
    promotions: Sequence[str] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Steps:
    """The chance of each step of an attempt for one without intention, given the step before; each of shape (n,).

    `at_once`: the willing order in the contact itself; `accepted`: such an order stands (the parcel is accepted);
    `comes`: who is willing and has not ordered comes to the hall within `comes_within_days` and buys.
    """

    reached: Array
    listens: Array
    willing: Array
    at_once: Array
    accepted: Array
    comes: Array

    @property
    def closes(self) -> Array:
        """The willing who order in the end."""
        return np.asarray(self.at_once * self.accepted + (1 - self.at_once) * self.comes)

    @property
    def wins(self) -> Array:
        """From attempt to order."""
        return np.asarray(self.reached * self.listens * self.willing * self.closes)

    @property
    def wins_intender(self) -> Array:
        """The same of one who would have ordered later by himself: his order comes earlier, none is gained."""
        return np.asarray(self.reached * self.listens * A["intender_willing"] * self.closes)


def steps(who: Minds, attempt: Attempt) -> Steps:
    """The chances of one attempt with everybody."""
    tired = A["tiring"] * np.asarray(attempt.tired)
    one = np.ones(len(who.patience))
    heard = _listening(who, attempt.channel) - tired + 0.6 * A["skill"] * np.asarray(attempt.skill)
    at_once, accepted, comes = _closing(who, attempt.channel)
    return Steps(
        reached=_reached(who, attempt) * one,
        listens=expit(heard),
        willing=expit(_willingness(who, attempt) - tired),
        at_once=at_once * one,
        accepted=accepted * one,
        comes=comes * one,
    )


def _reached(who: Minds, attempt: Attempt) -> Array:
    if attempt.channel == "outbound_call":
        by_hour = np.array([HOURS.get(hour, -0.05) for hour in range(24)])[np.asarray(attempt.hour, int)]
        return np.clip(A["reached_call"] + 0.05 * who.patience + by_hour, 0.40, 0.60)
    if attempt.channel in FACE_TO_FACE:
        return np.ones(len(who.patience))
    return np.full(len(who.patience), A["reached_sms" if attempt.channel == "sms" else "reached_online"])


def _listening(who: Minds, channel: str) -> Array:
    taste = {"sms": 0.0 * who.patience, "outbound_call": 0.4 * who.patience}
    level = {"outbound_call": "call", "web_push": "online", "app": "online"}.get(channel, channel)
    other = 0.4 * (who.online if channel in ONLINE else who.patience)
    return np.asarray(A[f"listens_{level}"] + taste.get(channel, other))


def _willingness(who: Minds, attempt: Attempt) -> Array:
    """Log odds of being willing."""
    by_channel = {
        "outbound_call": 0.0 * who.hall,
        "hall": A["willing_hall"] + 0.2 * who.hall,
        "third_party_shop": A["willing_third_party_shop"] + 0.2 * who.hall,
    }
    moved = np.select(
        [who.persuasion > 0, who.persuasion < 0], [A["persuaded"], A["repelled"]], default=A["unmoved"]
    )
    tastes = A["script_taste"] * np.stack([who.price_sensitivity, who.affinity])
    spoken = np.select(
        [np.asarray(attempt.script) == 1, np.asarray(attempt.script) == 2], list(tastes), default=0.0
    )
    given = sum(_promoted(who, name) for name in attempt.promotions)
    return np.asarray(
        A["willing_call"]
        + np.array([A["willing_core"], 0.0, A["willing_basic"]])[who.group]
        + A["willing_slope"] * who.liking
        + by_channel.get(attempt.channel, A["willing_message"] + 0.2 * who.online)
        + A["skill"] * np.asarray(attempt.skill)
        + (moved + spoken + given)
    )


def _promoted(who: Minds, name: str) -> Array:
    suits = who.device_months >= OLD_DEVICE_MONTHS if name == "trade_in" else np.ones(len(who.patience), bool)
    return np.asarray(A[name] * suits)


def _closing(who: Minds, channel: str) -> tuple[Array, float, Array]:
    """Of the willing: chance to order at once, that such an order stands, and to come to the hall and buy."""
    none = np.zeros(len(who.hall))
    if channel == "outbound_call":
        comes = expit(A["comes"] + 0.4 * who.hall) * A["buys_in_hall"]
        return expit(A["in_call"] + 0.5 * who.online), A["parcel_accepted"], comes
    return none + A["buys_at_once" if channel in FACE_TO_FACE else "buys_online"], 1.0, none


def forgotten(days: Array | float) -> Array:
    """What is left of a touch's fatigue and annoyance after so many days."""
    return np.asarray(0.5 ** (np.asarray(days) / A["recovery_half_life_days"]))


def opting_out(persuasion: Array) -> Array:
    """The chance that who listens and is not willing opts out, so that he is neither called nor sent messages again."""
    return np.asarray(np.where(persuasion < 0, A["put_off_opts_out"], A["opts_out"]))


def annoyance(channel: Array, persuasion: Array) -> Array:
    """What each touch that got through leaves of annoyance: something in those whom contact puts off, else nothing."""
    weight = np.full(len(channel), ANNOYING_MESSAGE)
    for name, value in ANNOYING.items():
        weight[channel == name] = value
    return np.asarray(np.where(persuasion < 0, weight, 0.0))
