"""Small plans to rehearse."""

from datetime import date

import numpy as np

from telewave.funnel.steps import Family
from telewave.kernel import Label
from telewave.rehearsal.model import Band, Desk, Script, Wave

FIRST = date(2026, 7, 1)
NAMES = {
    "phase-1": Label("Phase 1", "一期"),
    "outbound_call": Label("Calls", "外呼"),
    "hall": Label("Hall", "营业厅"),
    "sms": Label("SMS", "短信"),
}


def wave(channel, family, met, carried, off=0.1):
    return Wave(
        phase="phase-1", channel=channel, family=family, records=channel, met=Band(value=met, off=off),
        carried=Band(value=carried, off=off), active=0.95, off=off, caused=0.8,
    )  # fmt: skip


WAVES = (
    wave("outbound_call", Family.CALL, 0.5, 0.5),
    wave("hall", Family.VISIT, 0.1, 0.7),
    wave("sms", Family.MESSAGE, 0.4, 0.3),
)


def script(n=6_000, days=10, agents=10, waves=WAVES, orders=0.02):
    """Contacts spread evenly over the days and waves; a call takes 3 minutes on average, an agent works 360."""
    draw = np.random.default_rng(1)
    return Script(
        campaign="spring", title=Label("Spring", "春季"), plan="ab" * 32, currency="CNY", first=FIRST, days=days,
        horizon=days + 30, waves=waves, names=NAMES,
        desks={
            "outbound_call": Desk(
                agents=np.full(days, float(agents)), opens=540.0, minutes=360.0, talk=4.0, after_call=1.0, not_reached=1.0
            )
        },
        wave=draw.integers(0, len(waves), n), day=np.sort(draw.integers(0, days, n)), orders=np.full(n, orders),
        worth=np.full(n, 500.0), cost=np.full(n, 1.7),
    )  # fmt: skip
