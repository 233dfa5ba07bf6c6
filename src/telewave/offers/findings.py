"""Whatever can be wrong between policies: one type a kind. Pure."""

from __future__ import annotations

from typing import TypeAlias

from telewave.offers.coverage_findings import Gap, NobodyEligible, OnlyDeviceOnly, OverComplex
from telewave.offers.price_findings import Contradiction, Dominated, SameTerms, Undercut

Finding: TypeAlias = (
    Contradiction | Undercut | Dominated | SameTerms | Gap | OnlyDeviceOnly | NobodyEligible | OverComplex
)
