"""What a measured experiment says, in sentences that lead to a decision; and its figures as people read them. Pure."""

from __future__ import annotations

import math
from dataclasses import replace

from telewave.experiments.effects import Comparison, Finding, Kind
from telewave.experiments.measuring import Adjusted, Measured, Measurement
from telewave.kernel import Estimate, Figure, Inconclusive, Message

MOST_PLACES = 6


def places(estimate: Estimate, scale: float = 1.0) -> int:
    """Decimals that show two digits of the interval's half width, as many as it is worth.

    >>> places(Estimate(value=0.0766, low=0.07, high=0.0832, n=1, method=""), 100)
    2
    """
    half = (estimate.high - estimate.low) / 2 * scale
    if not 0 < half < math.inf:
        return 2
    return max(0, min(MOST_PLACES, 1 - math.floor(math.log10(half))))


def level_figure(estimate: Estimate, kind: Kind) -> Figure:
    """What an arm came to: a share in per cent, or a mean."""
    if kind is Kind.RATE:
        return Figure(estimate, f"{estimate.value * 100:.{places(estimate, 100)}f}%")
    return Figure(estimate, f"{estimate.value:,.{places(estimate)}f}")


def difference_figure(estimate: Estimate, kind: Kind) -> Figure:
    """A difference, in points where shares are compared, with its interval."""
    return Figure(estimate, Message("{value} ({low} to {high})", **_parts(estimate, kind)))


def _parts(estimate: Estimate, kind: Kind, *, signed: bool = True) -> dict[str, str]:
    scale = 100.0 if kind is Kind.RATE else 1.0
    form = f"{'+' if signed else ''},.{places(estimate, scale)}f"
    return {
        "value": format(estimate.value * scale, form),
        "low": format(estimate.low * scale, form),
        "high": format(estimate.high * scale, form),
    }


def lift_figure(lift: Estimate | Inconclusive) -> Figure:
    """A lift in per cent of the control with its interval, or a dash."""
    if isinstance(lift, Inconclusive):
        return Figure(lift, "–")
    form = f"+,.{places(lift, 100)}f"
    values = {name: format(getattr(lift, name) * 100, form) + "%" for name in ("value", "low", "high")}
    return Figure(lift, Message("{value} ({low} to {high})", **values))


def conclusions(measurement: Measurement, outcome: Measured) -> list[Message]:
    """A sentence a comparison, by the interval that holds for all of them together: what it says, and what follows from
    it.
    """
    control = measurement.arms[0]
    return [_conclusion(one, outcome, control) for one in outcome.deciding]


def _conclusion(one: Comparison, outcome: Measured, control: str) -> Message:
    named = {"arm": one.arm, "outcome": outcome.name}
    match (one.finding, outcome.kind):
        case (Finding.RAISES, Kind.RATE):
            return Message(
                "{arm} raises {outcome} by {value} points ({low} to {high}): one more for every {rows} "
                "({fewest} to {most}) in this arm. It pays as long as one more is worth more than reaching "
                "so many costs.",
                **named,
                **_parts(one.together, outcome.kind, signed=False),
                **_rows_a_success(one.together),
            )
        case (Finding.RAISES, Kind.AMOUNT):
            return Message(
                "{arm} raises {outcome} by {value} a row ({low} to {high}). Reaching one may cost as much "
                "as {value} of it earns, and to be safe as much as {low} of it earns.",
                **named,
                **_parts(one.together, outcome.kind, signed=False),
            )
        case (Finding.LOWERS, Kind.RATE):
            return Message(
                "{arm} lowers {outcome} by {value} points ({low} to {high}). If the campaign wants more of "
                "it, stop this arm.",
                **named,
                **_parts(_turned(one.together), outcome.kind, signed=False),
            )
        case (Finding.LOWERS, Kind.AMOUNT):
            return Message(
                "{arm} lowers {outcome} by {value} a row ({low} to {high}). If the campaign wants more of "
                "it, stop this arm.",
                **named,
                **_parts(_turned(one.together), outcome.kind, signed=False),
            )
    return _says_nothing(one, outcome.kind, named | _parts(one.together, outcome.kind), control)


def _turned(fall: Estimate) -> Estimate:
    return replace(fall, value=-fall.value, low=-fall.high, high=-fall.low)


def _rows_a_success(difference: Estimate) -> dict[str, str]:
    return {
        "rows": f"{1 / difference.value:,.0f}",
        "fewest": f"{1 / difference.high:,.0f}",
        "most": f"{1 / difference.low:,.0f}",
    }


def _says_nothing(one: Comparison, kind: Kind, said: dict[str, str], control: str) -> Message:
    unit = Message("points") if kind is Kind.RATE else Message("a row")
    if isinstance(one.seeable, Inconclusive):
        return Message(
            "{arm} against {control} says nothing about {outcome}: the true difference may lie anywhere "
            "from {low} to {high} ({unit}). {reason}",
            **said,
            control=control,
            unit=unit,
            reason=one.seeable.reason,
        )
    scale = 100.0 if kind is Kind.RATE else 1.0
    seeable = format(one.seeable * scale, f",.{places(one.together, scale)}f")
    return Message(
        "{arm} against {control} says nothing about {outcome}: the true difference may lie anywhere from "
        "{low} to {high} ({unit}). That is not proof of no effect: from {seeable} on it would have been "
        "seen in 8 of 10 such experiments. To see less, more rows are needed: telewave experiments size "
        "says how many.",
        **said,
        control=control,
        unit=unit,
        seeable=seeable,
    )


def ratio_words(measurement: Measurement) -> Message:
    """That the arms are as large as the draw makes them."""
    ratio = measurement.ratio
    return Message(
        "Sample-ratio check passed: {found}; expected {expected}. Chance alone is further off in "
        "{chance:.0%} of experiments.",
        found=[f"{arm} {n:,}" for arm, n in zip(ratio.arms, ratio.counts, strict=True)],
        expected=[f"{arm} {share:.1%}" for arm, share in zip(ratio.arms, ratio.shares, strict=True)],
        chance=ratio.chance,
    )


def adjusted_words(outcome: Measured, before: str) -> Message | None:
    """What the adjustment took away, or why there is none; None where nothing was known before."""
    match outcome.adjusted:
        case Adjusted(saved=saved, correlation=correlation):
            return Message(
                "Adjusted by {before} (CUPED): the correlation with {outcome} is {correlation:.2f}, which "
                "takes away {saved:.1%} of the variance, as if there were {times:.2f} times the rows.",
                before=before,
                outcome=outcome.name,
                correlation=correlation,
                saved=saved,
                times=1 / (1 - saved),
            )
        case Inconclusive(reason=reason):
            return reason
        case None:
            return None


def notes(measurement: Measurement) -> list[Message]:
    """How the figures are to be read."""
    said = [
        Message(
            "All rows of an arm count, as they were drawn, whether they were reached or not. Intervals are of 95 %."
        )
    ]
    if len(measurement.arms) > 2:
        said.append(
            Message(
                "{count} arms are compared with {control}: the interval for all arms together (Bonferroni) "
                "holds for all of them at once with 95 %, and decides. To compare two arms with each "
                "other, name one of them as the control.",
                count=len(measurement.arms) - 1,
                control=measurement.arms[0],
            )
        )
    if len(measurement.outcomes) > 1:
        said.append(
            Message(
                "{first} is the outcome that decides, since it was named first; the others stand beside "
                "it, each by itself.",
                first=measurement.outcomes[0].name,
            )
        )
    if measurement.cluster:
        said.append(
            Message(
                "Rows of one {cluster} count together ({clusters:,} clusters): the intervals are those of "
                "clusters, not of rows.",
                cluster=measurement.cluster,
                clusters=measurement.clusters,
            )
        )
    if measurement.unassigned:
        said.append(Message("{rows:,} rows name no arm and are left out.", rows=measurement.unassigned))
    return said
