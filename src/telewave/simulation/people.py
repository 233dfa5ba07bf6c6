"""The people of the city: hidden traits, tied to age and tenure, and the intensities that drive what is observed.

All draws of one block come from one seed. Marginal distributions follow `facts`; dependence is a Gaussian copula.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import expit, ndtr, ndtri

from telewave.simulation.assumptions import ASSUMPTIONS
from telewave.simulation.facts import ARPU_YUAN, CUSTOMERS, DATA_MB_A_MONTH, Base

Array = NDArray[Any]
DISTRICTS = ("centre", "north", "south", "east", "west", "county_a", "county_b", "county_c")
DISTRICT_SHARES = (0.22, 0.14, 0.14, 0.13, 0.12, 0.10, 0.08, 0.07)
FAMILY, COMMUNITY = 3, 48
"""Neighbouring subscriber numbers that are one family (one customer), and one community (a workplace, a village)."""
NEVER = 999
"""`churns_in` of those who stay."""

AGE: dict[float, float] = {0.0: 15, 0.10: 20, 0.25: 26, 0.5: 36, 0.75: 48, 0.9: 60, 1.0: 85}
TENURE_MONTHS: dict[float, float] = {0.0: 1, 0.25: 14, 0.5: 36, 0.75: 72, 0.95: 140, 1.0: 200}
CALLS_SIGMA = 1.147
"""Of log calls: the share of the top fifth of a lognormal is Phi(sigma - 0.8416), 0.62 for this."""


@dataclass(frozen=True, kw_only=True, eq=False)
class People:
    """One block of subscribers; every array has one entry a subscriber. Rates are a day at the nominal density.

    Observed: base (facts.Base), age (years at the start), gender, district, tenure (months at the start), prepaid,
    enterprise, device_* and arpu (yuan). Hidden: affinity, price_sensitivity, patience, loyalty, hall, online (standard
    normal), community (the shock shared with neighbours), persuasion (1 persuadable, 0 unmoved, -1 put off), churns_in
    (months from the start after which the subscriber is gone: `NEVER` until the months have been lived).
    """

    subscriber: Array
    base: Array
    age: Array
    age_known: Array
    female: Array
    district: Array
    tenure: Array
    prepaid: Array
    enterprise: Array
    device_months: Array
    device_smart: Array
    device_price: Array
    arpu: Array
    affinity: Array
    price_sensitivity: Array
    patience: Array
    loyalty: Array
    hall: Array
    online: Array
    community: Array
    persuasion: Array
    churns_in: Array
    machine: Array
    owl: Array
    weekend: Array
    calls: Array
    called_share: Array
    call_scale: Array
    call_shape: Array
    inter_provincial: Array
    abroad: Array
    roaming: Array
    peers: Array
    sms: Array
    mms: Array
    sessions: Array
    session_s: Array
    session_kb: Array
    broadband: Array
    broadband_kb: Array

    def __len__(self) -> int:
        return len(self.subscriber)

    @property
    def mobile(self) -> Array:
        """Who holds a mobile product."""
        return self.base != Base.BROADBAND

    def table(self) -> pa.Table:
        """For the truth folder."""
        return pa.table({f.name: getattr(self, f.name) for f in fields(self)})

    @staticmethod
    def of(table: pa.Table) -> People:
        """What `table` made."""
        return People(**{f.name: np.asarray(table.column(f.name).to_numpy()) for f in fields(People)})


def people(numbers: range, seed: int, classes: Array | None = None) -> People:
    """The subscribers with these numbers. `classes`: of each; None draws them in the reference case's proportions."""
    draw = np.random.default_rng(np.random.SeedSequence([seed, 1, numbers.start]))
    n = len(numbers)
    base = _classes(draw, n) if classes is None else classes
    mobile, wired = base != Base.BROADBAND, (base == Base.BOTH) | (base == Base.BROADBAND)
    z = {name: draw.standard_normal(n) for name in ("age", "calls", "data", "money", "tenure")}
    z["tenure"] = mixed(z["tenure"], (0.35, z["age"]))
    z["data"] = mixed(z["data"], (-0.25, z["age"]), (0.25, z["calls"]))
    z["money"] = mixed(z["money"], (0.48, z["calls"]), (0.36, z["data"]))
    traits = {
        name: draw.standard_normal(n)
        for name in ("affinity", "price_sensitivity", "patience", "loyalty", "hall", "online")
    }
    age = quantiles(AGE, z["age"])
    tenure = np.where(base == Base.NEW, 0.0, quantiles(TENURE_MONTHS, z["tenure"]))
    machine = mobile & (draw.random(n) < ASSUMPTIONS["machines"])
    device_months = draw.gamma(1.6, 12.0, n)
    smart = draw.random(n) < ndtr(0.4 + 0.5 * z["data"] - 0.3 * z["age"])
    columns = {
        **traits,
        "subscriber": np.arange(numbers.start, numbers.stop, dtype=np.int32),
        "base": base.astype(np.int8),
        "age": age,
        "age_known": draw.random(n) >= ASSUMPTIONS["unknown_birth_date"],
        "female": draw.random(n) < 0.47,
        "district": draw.choice(len(DISTRICTS), n, p=DISTRICT_SHARES).astype(np.int8),
        "tenure": np.minimum(tenure, (age - 10) * 12),
        "prepaid": mobile & (draw.random(n) < ASSUMPTIONS["prepaid_share"]),
        "enterprise": draw.random(n) < _enterprise(base),
        "device_months": device_months,
        "device_smart": smart & mobile,
        "device_price": np.where(smart, 1_800 * np.exp(0.5 * draw.standard_normal(n)), 300.0),
        "arpu": np.where(
            mobile, quantiles({0.0: 2, **ARPU_YUAN, 1.0: 400}, z["money"]), 60 + 15 * z["money"]
        ).clip(1),
        "community": _community(np.arange(numbers.start, numbers.stop) // COMMUNITY, seed),
        "persuasion": _persuasion(draw, n),
        "churns_in": np.full(n, NEVER, dtype=np.int16),
        "machine": machine,
        "owl": draw.random(n) < ndtr(-0.5 - 0.4 * z["age"]),
        "weekend": np.exp(0.25 * draw.standard_normal(n) - 0.1),
        **_voice(draw, z, mobile, machine),
        **_messages(draw, z, mobile),
        **_data(draw, z, mobile, wired),
    }
    return People(**{name: _small(values) for name, values in columns.items()})


def mixed(own: Array, *parts: tuple[float, Array]) -> Array:
    """A standard normal that correlates with the (independent enough) standard normals in `parts` as their weights
    say.
    """
    told = np.zeros(len(own))
    for weight, values in parts:
        told += weight * values
    rest = max(1 - float(np.var(told)), 0.0)
    return np.asarray(told + rest**0.5 * own)


def quantiles(curve: Mapping[float, float], z: Array) -> Array:
    """Values whose quantiles lie on `curve` (log-linear between its points) for standard normal `z`."""
    return np.asarray(np.exp(np.interp(ndtr(z), list(curve), np.log(list(curve.values())))))


def _classes(draw: np.random.Generator, n: int) -> Array:
    """The case's proportions, exact but for rounding, in random order."""
    total = sum(CUSTOMERS.values())
    edges = np.round(np.cumsum([CUSTOMERS[b] for b in CUSTOMERS]) / total * n).astype(int)
    return np.asarray(draw.permutation(np.repeat(list(CUSTOMERS), np.diff([0, *edges]))))


def _enterprise(base: Array) -> Array:
    return np.where(
        base == Base.BOTH,
        ASSUMPTIONS["enterprise_share_mobile_broadband"],
        ASSUMPTIONS["enterprise_share_other"],
    )


def _persuasion(draw: np.random.Generator, n: int) -> Array:
    u = draw.random(n)
    put_off = u > 1 - ASSUMPTIONS["put_off"]
    return np.where(u < ASSUMPTIONS["persuadable"], 1, np.where(put_off, -1, 0)).astype(np.int8)


def _community(number: Array, seed: int) -> Array:
    """The shock that a community's members share: standard normal, a function of its number alone, wherever blocks
    begin.
    """
    (salt,) = np.random.SeedSequence([seed, 2]).generate_state(1, np.uint64)
    uniform = mixed_bits(number.astype(np.uint64) ^ salt) / 2**63
    return np.asarray(ndtri(uniform.clip(1e-12, 1 - 1e-12)))


def mixed_bits(number: Array) -> Array:
    """A number of 63 bits that looks random; equal for equal `number` (the finaliser of SplitMix64)."""
    with np.errstate(over="ignore"):
        x = number.astype(np.uint64)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(((x ^ (x >> np.uint64(31))) >> np.uint64(1)).view(np.int64))


def _voice(draw: np.random.Generator, z: dict[str, Array], mobile: Array, machine: Array) -> dict[str, Array]:
    n = len(mobile)
    a, b, c, d, e, f, g = draw.standard_normal((7, n))
    rate = np.exp(CALLS_SIGMA * z["calls"] - CALLS_SIGMA**2 / 2)
    calls = mobile * ASSUMPTIONS["call_share_of_a_mobile_day"] * rate
    return {
        "calls": np.where(machine, 12 * np.maximum(calls, 4), calls),
        "called_share": np.where(machine, 0.02, expit(0.1 + 0.7 * a)),
        "call_scale": np.where(machine, 12.0, 38 * np.exp(0.35 * b)),
        "call_shape": np.clip(1.57 * np.exp(0.06 * c), 1.35, 2.2),
        "inter_provincial": expit(-2.6 + 1.1 * d),
        "abroad": np.where(draw.random(n) < 0.06, expit(-4.0 + e), 0.0),
        "roaming": np.where(draw.random(n) < 0.35, expit(-3.0 + f), 0.0),
        # Numbers a person ever talks with: grows slower than the calls do, as acquaintances do.
        "peers": np.where(machine, 60_000, 62 * np.exp(1.03 * z["calls"] + 0.40 * g)).clip(4),
    }


def _messages(draw: np.random.Generator, z: dict[str, Array], mobile: Array) -> dict[str, Array]:
    n = len(mobile)
    tied = mixed(draw.standard_normal(n), (0.5, z["calls"]))
    sender = draw.random(n) < ndtr(-0.6 - 0.3 * z["age"])
    mms = ASSUMPTIONS["mms_a_mobile_day"] * np.exp(0.8 * draw.standard_normal(n) - 0.32)
    return {
        "sms": mobile * ASSUMPTIONS["sms_a_mobile_day"] * np.exp(0.9 * tied - 0.405),
        "mms": mobile * np.where(sender, 3.2 * mms, 0.08 * mms),
    }


def _data(draw: np.random.Generator, z: dict[str, Array], mobile: Array, wired: Array) -> dict[str, Array]:
    n = len(mobile)
    # The month's chance number of sessions lowers the observed median, which the middle point makes up for.
    curve = {0.0: 0.2, 0.10: 0.8, **DATA_MB_A_MONTH, 0.50: 1_950, 0.99: 45_000, 1.0: 85_000}
    mb = quantiles(curve, z["data"])
    u, v, w, x = draw.standard_normal((4, n))
    sessions = (
        mobile * ASSUMPTIONS["data_sessions_a_mobile_day"] * np.exp(0.7 * mixed(u, (0.7, z["data"])) - 0.245)
    )
    broadband = wired * ASSUMPTIONS["broadband_sessions_a_day"] * np.exp(0.5 * w - 0.125)
    return {
        "sessions": sessions,
        "session_s": 420 * np.exp(0.75 * v),
        "session_kb": mb * 1024 / 30 / np.maximum(sessions, 0.05),
        "broadband": broadband,
        "broadband_kb": 45_000 * 1024 / 30 / 3 * np.exp(1.0 * x - 0.5),
    }


def _small(values: Array) -> Array:
    return values.astype(np.float32) if values.dtype == np.float64 else values
