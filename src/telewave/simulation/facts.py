"""What the city is calibrated to, and what is assumed. Pure constants, each with its source.

Sources: the reference case (a city branch's own figures on its handset campaign); 4 144 ordinary
subscribers of a Chinese operator, 2019-2020, measured for this project; Vaz de Melo et al., ECML-PKDD 2010
(durations per user are log-logistic); arXiv 1301.7173 (gaps are Weibull for most people, power law for
robots); arXiv 1508.07503 (bursts as a two-state process).
"""

from __future__ import annotations

from enum import IntEnum

OFFER, OTHER_OFFER = "contract_phone", "data_modem"
OFFERS = (OFFER, OTHER_OFFER)
"""The handset of the reference case, and a modem for mobile data, which the branch sells all along."""


class Base(IntEnum):
    """Base class of a subscriber before the offer; NEW: came with it."""

    BOTH = 0
    MOBILE = 1
    BROADBAND = 2
    NEW = 3


class OrderKind(IntEnum):
    """How the offer was taken."""

    NEW_NUMBER = 0
    DEVICE_ONLY = 1


# The reference case -------------------------------------------------------------------------------------------
CUSTOMERS = {Base.BOTH: 778_092, Base.MOBILE: 995_035, Base.BROADBAND: 1_680_000}
"""Customers by base class in month 3."""
HANDLED = {
    Base.BOTH: {OrderKind.NEW_NUMBER: 1_787, OrderKind.DEVICE_ONLY: 3_555},
    Base.MOBILE: {OrderKind.NEW_NUMBER: 1_132, OrderKind.DEVICE_ONLY: 4_785},
    Base.BROADBAND: {OrderKind.NEW_NUMBER: 836, OrderKind.DEVICE_ONLY: 0},
    Base.NEW: {OrderKind.NEW_NUMBER: 4_047, OrderKind.DEVICE_ONLY: 0},
}
"""Takers in three months by class and kind."""
ENTERPRISE_DEVICES = 1_432
"""Device-only takers of mobile + broadband who are enterprise customers; the other 2 123 are public."""
PREPAID_DEVICES = 549
"""Device-only takers of mobile only who pay in advance; the other 4 236 pay by bill."""
HANDLED_BY_MONTH = (8_028, 4_086, 4_028)
NEW_NUMBER_SHARE = (0.58, 0.33, 0.42)
PENETRATION_MONTH_3 = {Base.BOTH: 0.00191, Base.MOBILE: 0.00140, Base.BROADBAND: 0.00013}
"""Share of a class that took the offer in month 3."""

# 4 144 ordinary subscribers ----------------------------------------------------------------------------------
ARPU_YUAN = {0.25: 14, 0.50: 35, 0.75: 77, 0.95: 171, 0.99: 248}
DATA_MB_A_MONTH = {0.25: 42, 0.50: 1_673, 0.75: 7_230, 0.95: 24_703}
MEAN_CALL_OF_MEDIAN_USER_S = 77
MEDIAN_CALL_S = 37
COUNTERPARTIES = {0.50: 61, 0.95: 370}
"""Distinct counterparties; over how long is not said by the source: taken as three months."""
TOP_FIFTH = {"data": 0.74, "calls": 0.62, "revenue": 0.53}
LOG_CORRELATION_WITH_ARPU = {"calls": 0.54, "data": 0.44}
CALL_PEAK_HOURS = ((10, 11), (17, 18))
WEIBULL_SHARE = 0.73
"""Share of people whose gaps between calls are Weibull."""
CONNECT_RATE = (0.40, 0.60)
"""Range of the connect rates of outbound calls in China (vendors' figure, weak)."""

NOMINAL_RECORDS_PER_DAY = 8.0
