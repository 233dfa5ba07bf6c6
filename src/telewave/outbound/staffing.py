"""How many agents a stream of calls needs, where callers stay (Erlang C) or give up (Erlang A). Pure.

With `a` erlangs of load (calls an hour times hours of handling), `n` agents and handling times that are exponential
with mean `h`, B the loss formula of Erlang (by its recursion, which neither over- nor underflows):

    B(0) = 1;  B(k) = a B(k-1) / (k + a B(k-1))
    everybody stays:  waits = n B / (n - a (1 - B));  within t: 1 - waits * exp(-(n - a) t / h)
                      speed of answer = waits * h / (n - a);  needs n > a, else the queue grows without end

Where callers give up, with patience that is exponential with mean `p`, the number in the system is a birth-death chain
(Palm 1957; Garnett, Mandelbaum and Reiman 2002): from n + j it falls by n/h + j/p. A caller who finds n + j before him
waits for j + 1 falls. With c = n p / h, exp(-wait/p) of a caller who stays is Beta(c, j + 1), so that

    answered:           c / (c + j + 1)
    answered within t:  c / (c + j + 1) * I(1 - exp(-t/p); j + 1, c + 1),  I the incomplete beta function
    wait of answered:   c / (c + j + 1) * p * sum of 1 / (c + 1 + i) for i = 0..j
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from telewave.kernel import Malformed, Message

MOST_ERLANGS = 20_000
"""More agents at once than any call centre has: whoever writes more has mistaken the unit."""
MOST_PATIENCE = 3_600.0
HUGE, TINY = 1e250, 1e-17
"""Where weights of the chain are scaled down, and where its tail no longer counts."""


class UnusableCalls(Malformed):
    """No agents can be reckoned for {calls:g} calls in {minutes:g} minutes at {handling:g} seconds each. Give numbers
    above 0 that come to at most 20,000 calls under way at once; handling is in seconds, talk and what is noted after
    it.
    """

    code = "unusable_calls"


class UnusablePatience(Malformed):
    """Callers cannot give up after {patience:g} seconds on average. Give more than 0 and at most 3,600 seconds, or
    leave it out: then everybody waits until answered.
    """

    code = "unusable_patience"


class UnusableTarget(Malformed):
    """No agents can be reckoned for {level} of calls answered within {within:g} seconds. Give a share above 0 % and
    below 100 %, and 0 seconds or more.
    """

    code = "unusable_target"


class NoAgents(Malformed):
    """{agents:,} agents answer no calls. Give 1 to 200,000, or leave --agents out to be told the fewest."""

    code = "no_agents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """A steady stream: so many `calls` in so many `minutes`, each `handling` seconds of an agent. `patience`: seconds
    after which a caller who waits gives up, on average; None: never. Raises `UnusableCalls`, `UnusablePatience`.
    """

    calls: float
    minutes: float
    handling: float
    patience: float | None = None

    def __post_init__(self) -> None:
        parts = (self.calls, self.minutes, self.handling)
        if not (all(math.isfinite(one) and one > 0 for one in parts) and self.erlangs <= MOST_ERLANGS):
            raise UnusableCalls(calls=self.calls, minutes=self.minutes, handling=self.handling)
        if self.patience is not None and not 0 < self.patience <= MOST_PATIENCE:
            raise UnusablePatience(patience=self.patience)

    @property
    def erlangs(self) -> float:
        """Agents busy on average if every call is answered.

        >>> Calls(calls=100, minutes=30, handling=180).erlangs
        10.0
        """
        return self.calls * self.handling / (60 * self.minutes)


@dataclass(frozen=True, slots=True)
class Target:
    """Of all calls, a share of at least `level` answered within `within` seconds. Raises `UnusableTarget`."""

    level: float = 0.8
    within: float = 20.0

    def __post_init__(self) -> None:
        if not (0 < self.level < 1 and self.within >= 0 and math.isfinite(self.within)):
            raise UnusableTarget(level=percent(self.level), within=self.within)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffed:
    """What callers meet with so many `agents`. Shares of all calls: who `waits`, who is `answered_within` the target's
    seconds, who is `abandoned`. `answer_seconds`: mean wait of the answered, None: the queue grows without end.
    `occupancy`: share of their time that agents are busy.
    """

    agents: int
    waits: float
    answered_within: float
    answer_seconds: float | None
    occupancy: float
    abandoned: float

    @property
    def grows(self) -> bool:
        """Whether the queue grows without end."""
        return self.answer_seconds is None


def percent(share: float) -> str:
    """As it was asked for: a target of 99.9 % is not told as 100 %.

    >>> percent(0.8), percent(0.999)
    ('80%', '99.9%')
    """
    return f"{100 * share:.6g}%"


def staffed(calls: Calls, agents: int, within: float = 20.0) -> Staffed:
    """What callers meet. Raises `NoAgents`.

    >>> found = staffed(Calls(calls=100, minutes=30, handling=180), 14)
    >>> f"{found.waits:.7f} {found.answered_within:.7f} {found.answer_seconds:.6f}"
    '0.1741319 0.8883500 7.835937'
    """
    if not 1 <= agents <= 10 * MOST_ERLANGS:
        raise NoAgents(agents=agents)
    loss = _loss(calls.erlangs, agents)
    if calls.patience is None:
        return _patient(calls, agents, within, loss)
    return _impatient(calls, calls.patience, agents, within, loss)


def fewest(calls: Calls, target: Target) -> int:
    """The fewest agents that meet the target; more agents never answer fewer calls in time, so it is found by halving.

    >>> fewest(Calls(calls=100, minutes=30, handling=180), Target(0.8, 20))
    14
    """
    low, high = 0, max(1, math.ceil(calls.erlangs))
    while staffed(calls, high, target.within).answered_within < target.level:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        meets = staffed(calls, middle, target.within).answered_within >= target.level
        low, high = (low, middle) if meets else (middle, high)
    return high


def around(calls: Calls, agents: int, within: float, spread: int = 3) -> tuple[Staffed, ...]:
    """With up to `spread` agents fewer and more, so that one sees what each of them does."""
    few, many = max(1, agents - spread), agents + spread
    return tuple(staffed(calls, one, within) for one in range(few, many + 1))


def advice(found: Staffed, target: Target, least: int) -> Message:
    """One sentence that leads to a decision: `found` is what was asked about, `least` the fewest that meet `target`."""
    values = {"agents": found.agents, "least": least, "level": percent(target.level), "within": target.within}
    if found.agents < least:
        return Message(
            "{agents:,} agents are {more:,} too few to answer {level} of calls within {within:g} seconds; "
            "{least:,} do.",
            more=least - found.agents,
            **values,
        )
    if found.agents == least:
        return Message(
            "{agents:,} agents are the fewest who answer {level} of calls within {within:g} seconds.",
            **values,
        )
    return Message(
        "{agents:,} agents are {spare:,} more than it takes to answer {level} of calls within {within:g} seconds; "
        "{least:,} do.",
        spare=found.agents - least,
        **values,
    )


def _loss(erlangs: float, agents: int) -> float:
    """B, the share that finds everybody busy where nobody may wait."""
    loss = 1.0
    for k in range(1, agents + 1):
        loss = erlangs * loss / (k + erlangs * loss)
    return loss


def _patient(calls: Calls, agents: int, within: float, loss: float) -> Staffed:
    spare = agents - calls.erlangs
    if spare <= 0:
        return Staffed(
            agents=agents, waits=1.0, answered_within=0.0, answer_seconds=None, occupancy=1.0, abandoned=0.0
        )
    waits = agents * loss / (spare + calls.erlangs * loss)
    return Staffed(
        agents=agents,
        waits=waits,
        answered_within=1 - waits * math.exp(-spare * within / calls.handling),
        answer_seconds=waits * calls.handling / spare,
        occupancy=calls.erlangs / agents,
        abandoned=0.0,
    )


def _impatient(calls: Calls, patience: float, agents: int, within: float, loss: float) -> Staffed:
    """Weights of the states n, n + 1 ... beside that of all states up to n, which is 1 / B of the state n."""
    up, busy = calls.erlangs / calls.handling, agents / calls.handling
    ratio = busy * patience
    weight, below = loss, 1 - loss
    total = waiting = answered = within_time = seconds = steps = 0.0
    for j, in_time in enumerate(_in_time(ratio, 1 - math.exp(-within / patience))):
        steps += 1 / (ratio + 1 + j)
        share = weight * ratio / (ratio + j + 1)
        total, answered = total + weight, answered + share
        within_time += share * in_time
        seconds += share * steps * patience
        falls = up / (busy + (j + 1) / patience)
        weight *= falls
        if falls < 1 and weight <= TINY * (1 - falls) * (total + below):
            break
        if weight > HUGE:
            weight, below, total, answered, within_time, seconds = (
                one / HUGE for one in (weight, below, total, answered, within_time, seconds)
            )
    whole = below + total
    waiting = total / whole
    served = (below + answered) / whole
    return Staffed(
        agents=agents,
        waits=waiting,
        answered_within=min(1.0, (below + within_time) / whole),
        answer_seconds=seconds / (below + answered),
        occupancy=min(1.0, calls.erlangs * served / agents),
        abandoned=max(0.0, 1 - served),
    )


def _in_time(ratio: float, x: float) -> Iterator[float]:
    """I(x; j + 1, ratio + 1) for j = 0, 1 ..., each less by a term that is written in logarithms:

    I(x; k + 1, b) = I(x; k, b) - x^k (1 - x)^b / (k Beta(k, b))
    """
    if x <= 0 or x >= 1:
        while True:
            yield 0.0 if x <= 0 else 1.0
    b = ratio + 1
    fall = b * math.log1p(-x)
    left, log_term, k = -math.expm1(fall), fall + math.log(x) + math.log(b), 1
    while True:
        yield max(0.0, left)
        left -= math.exp(log_term)
        log_term += math.log(x) + math.log((k + b) / (k + 1))
        k += 1
