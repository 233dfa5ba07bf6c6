"""Whether the arms are as large as the draw makes them: the first thing to ask of an experiment. Pure.

Pearson's chi-square of the counts against the expected shares. Where it is improbable, something besides the
draw decided who is in the table (rows lost on the way, people contacted who were to be left alone, a filter on
what came after), and then no comparison is worth anything (Fabijan et al. 2019, "Diagnosing sample ratio
mismatch in online controlled experiments", KDD).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from telewave.kernel import Conflict, Malformed, Message

BAR = 0.001
"""Below this chance an experiment is not measured. It is looked at in every experiment, so it must seldom cry wolf."""


class SampleRatioMismatch(Conflict):
    """Nothing is measured: the arms are not as large as the draw makes them. In the table: {found}; expected:
    {expected}. Chance brings this about in {chance} of experiments, so something besides the draw decided who
    is in the table. Find what was lost or filtered after the draw; if the arms were meant to be of other sizes,
    say so with --expect, for example {example}.
    """

    code = "sample_ratio_mismatch"


class ExpectedShares(Malformed):
    """The expected shares {given} do not fit the arms {arms}. Give one for each arm, above 0, as --expect
    ARM=SHARE, for example --expect {example}.
    """

    code = "expected_shares"


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """`counts` of what was drawn (rows or clusters) in each arm, the `shares` expected (they sum to
    1), and how probable a larger distance is.
    """

    arms: tuple[str, ...]
    counts: tuple[int, ...]
    shares: tuple[float, ...]
    chance: float

    def require(self) -> None:
        """Raises `SampleRatioMismatch` below the bar."""
        if self.chance >= BAR:
            return
        total = sum(self.counts)
        example = [
            f"--expect '{arm}={count / total:.3g}'" for arm, count in zip(self.arms, self.counts, strict=True)
        ]
        raise SampleRatioMismatch(
            found=[f"{arm} {count:,}" for arm, count in zip(self.arms, self.counts, strict=True)],
            expected=[f"{arm} {share:.1%}" for arm, share in zip(self.arms, self.shares, strict=True)],
            chance=Message("fewer than 1 in 1,000,000") if self.chance < 1e-6 else f"{self.chance:.4%}",
            example=" ".join(example),
        )


def sample_ratio(
    arms: Sequence[str], counts: Sequence[int], expected: Mapping[str, float] | None = None
) -> SampleRatio:
    """The counts of each arm against the expected shares, which need not sum to 1; None:
    arms of one size. Raises `ExpectedShares`.

    >>> sample_ratio(("a", "b"), (9463, 7681)).chance < 1e-40
    True
    """
    from scipy.stats import chi2

    given = dict.fromkeys(arms, 1.0) if expected is None else dict(expected)
    if set(given) != set(arms) or not all(share > 0 for share in given.values()):
        example = " --expect ".join(f"'{arm}={1 / len(arms):.3g}'" for arm in arms)
        shown = [f"{arm}={share:g}" for arm, share in given.items()]
        raise ExpectedShares(given=shown, arms=list(arms), example=example)
    shares = tuple(given[arm] / sum(given.values()) for arm in arms)
    total = sum(counts)
    distance = sum((n - total * s) ** 2 / (total * s) for n, s in zip(counts, shares, strict=True))
    return SampleRatio(tuple(arms), tuple(counts), shares, float(chi2.sf(distance, len(arms) - 1)))
