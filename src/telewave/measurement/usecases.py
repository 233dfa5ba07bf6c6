"""Measure a campaign: load what it was and what became of it, compare its two arms, count its funnel, share out its
return.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

import numpy as np

from telewave.experiments.sample_ratio import BAR, sample_ratio
from telewave.halls.recording import by_hall
from telewave.kernel import Conflict, Inconclusive, Label, Message
from telewave.measurement.attribution import Rule, attributed
from telewave.measurement.effect import (
    FEWEST,
    NOT_YET,
    Drawn,
    Effect,
    Flags,
    by_part,
    expected_variance,
    measured,
)
from telewave.measurement.gathering import (
    ContactSource,
    Launched,
    RecordedContacts,
    chances_before,
    drawn_together,
    groups_before,
    launched,
    taken,
)
from telewave.measurement.model import Along, Assigned, Compared, Measured
from telewave.measurement.returns import channel_returns, cost_to_acquire, proposal
from telewave.measurement.script_arms import ArmCalls, ArmFound, compared_arms
from telewave.measurement.stages import Made, Taken, funnel_of, paths, planned_rows
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse

FOLLOW_UP = 30
"""Days after the campaign's last within which orders still count."""
MOST_BESIDE = 0.05
"""Share of the people in the plan whom it did not aim at when it was launched, from which on all drawn are compared."""
CHANCE_DAYS = 30
"""Days of which the model's chance speaks, for what the variance is expected to be; being wrong only widens
intervals.
"""


class NotBegun(Conflict):
    """The campaign {name} begins on {first}, so there is nothing to measure as of {as_of}. Measure it as of a later
    day; a day's records count from the day after.
    """

    code = "campaign_not_begun"


class DrawNotKept(Conflict):
    """Nothing is measured: of the {total:,} people drawn for the campaign {name}, {held:,} are held out, and the draw
    holds out {share}. Chance brings that about in fewer than 1 of 1,000 campaigns, so something besides the draw
    decided who is in which arm. Find what was lost or filtered after the draw, and bring the warehouse back from the
    backup of the launch.
    """

    code = "draw_not_kept"


def measure(
    warehouse: Warehouse,
    database: Database,
    name: str,
    as_of: date,
    *,
    contacts: ContactSource | None = None,
    zone: tzinfo = UTC,
) -> Measured:
    """What the launched campaign did before `as_of`. `contacts`: where contacts made are known from; the records if
    not given. `zone`: of the day's end in halls.

    Raises `NoSuchCampaign`, `NotRunning`, `NotBegun`, `HoldoutChanged`, `DrawNotKept`, `PlanChanged`.
    """
    found = launched(warehouse, database, name)
    first, last = (date.fromisoformat(found.document[key]) for key in ("from", "to"))
    end = min(as_of, last + timedelta(days=1 + FOLLOW_UP))
    days = (end - first).days
    if days < 1:
        raise NotBegun(name=name, first=first, as_of=as_of)
    _require_the_draw(found, ~found.draw.universal, name)
    made = (contacts or RecordedContacts(warehouse)).made(found, first, end)
    margins, usual = order_margins(found)
    orders = taken(warehouse, found, first, end, margins, usual)
    of, kept = compared(found)
    _require_the_draw(found, kept, name)
    people, held = found.draw.subscriber[kept], found.draw.held[kept]
    drawn = drawn_of(people, held, chances_before(warehouse, found, people), orders)
    drawn = replace(drawn, household=drawn_together(warehouse, found, people, held))
    effects = _effects(found, drawn, days, (last - first).days + 1, usual)
    assigned = made.where(np.isin(made.subscriber, people[~held]))
    went, worth = paths(assigned, orders)
    counts = {channel: int((made.channel == channel).sum()) for channel in found.document["channels"]}
    costs = {name: channel["cost_minor"] / 100 for name, channel in found.document["channels"].items()}
    back = channel_returns(counts, costs, went, worth, *effects)
    moved = proposal(back, attributed(went, Rule.SHAPLEY)) if back else _no_return(effects)
    document = found.document
    spent = sum(counts[one] * costs[one] for one in counts)
    return Measured(
        campaign=name,
        title=Label(**document["title"]),
        plan=found.plan.hash,
        currency=document["currency"],
        first=first,
        last=last,
        as_of=end,
        draw=_assigned(found, drawn, of, kept, made),
        orders=effects[0],
        margin=effects[1],
        took=drawn.orders,
        parts=_parts(warehouse, found, drawn, people, days, (last - first).days + 1),
        funnel=_funnel(found, made, orders),
        channels=back,
        unspoken=drawn.orders[0] - sum(count for _, count in went.values()),
        move=moved,
        cost=spent,
        cost_to_acquire=cost_to_acquire(spent, effects[0]),
        expected=float(document["caused_by_the_contact"]),
        names=_names(document),
        halls=tuple(by_hall(database, name, datetime.combine(end, time(), zone))),
        scripts=_scripts(found, made),
    )


def compared(found: Launched) -> tuple[Compared, Flags]:
    """Of whom both arms are, and who that is of those drawn, shape (n,): those whom the plan that was launched first
    would contact, held out or not, as long as nearly all whom the present plan contacts are among them.
    """
    draw = found.draw
    everybody = ~draw.universal
    if draw.aimed is None:
        return Compared.NOT_KEPT, everybody
    aimed = draw.subscriber[draw.aimed]
    planned = np.unique(found.contacts["subscriber"].to_numpy())
    known = planned[np.isin(planned, draw.subscriber)]
    if np.count_nonzero(~np.isin(known, aimed)) > MOST_BESIDE * len(known):
        return Compared.PLAN_MOVED_ON, everybody
    return Compared.AIMED_AT, everybody & draw.aimed


def _require_the_draw(found: Launched, counted: Flags, name: str) -> None:
    draw = found.draw
    total, held = int(counted.sum()), int((draw.held & counted).sum())
    if not 0 < draw.share < 1 or not total:
        return
    shares = {"assigned": 1 - draw.share, "held": draw.share}
    if sample_ratio(("assigned", "held"), (total - held, held), shares).chance < BAR:
        raise DrawNotKept(name=name, total=total, held=held, share=f"{draw.share:.1%}")


def order_margins(found: Launched) -> tuple[dict[str, float], float]:
    """What an order earns by offer, and of all offers on average, as the plan counts it: expected profit and cost of
    its contacts over the orders that they cause; major units.
    """
    rows = found.contacts
    cost = {name: channel["cost_minor"] / 100 for name, channel in found.document["channels"].items()}
    spent = np.array([cost[channel] for channel in rows["channel"].to_pylist()], np.float64)
    earned, gained = rows["expected_profit"].to_numpy() + spent, rows["gained"].to_numpy()
    offer = np.array(rows["offer"].to_pylist(), np.str_)
    whole = float(gained.sum())
    usual = float(earned.sum()) / whole if whole > 0 else 0.0
    margins = {}
    for name in np.unique(offer):
        mine = offer == name
        if gained[mine].sum() > 0:
            margins[str(name)] = float(earned[mine].sum() / gained[mine].sum())
    return margins, usual


def drawn_of(people: Any, held: Flags, chance: Any, orders: Taken) -> Drawn:
    """The drawn `people`, who of them is `held` out, with their chance before and their order since."""
    place = orders.of(people)
    took = place >= 0
    day, margin = np.full(len(people), NOT_YET), np.zeros(len(people))
    day[took], margin[took] = orders.day[place[took]], orders.margin[place[took]]
    return Drawn(
        held=held,
        chance=np.asarray(chance, np.float64),
        ordered=day,
        margin=margin,
    )


def _effects(
    found: Launched, drawn: Drawn, days: int, length: int, usual: float
) -> tuple[Effect | Inconclusive, Effect | Inconclusive]:
    """On orders and on margin, or why there are none."""
    if min(drawn.sizes) < 2:
        why = Inconclusive(
            Message(
                "The campaign holds nobody out, so what it earned cannot be told from what would have come "
                "anyway. Write `holdout: {{campaign: 0.1}}` into the file of the next campaign."
            )
        )
        return why, why
    variance = _variance(found, drawn, length)
    took = np.where(drawn.ordered >= 0, 1.0, 0.0)
    worth = max(abs(usual), 1.0)
    return (
        measured(drawn, took, days, variance, 1.0),
        measured(drawn, drawn.margin, days, variance * worth**2, worth),
    )


def _variance(found: Launched, drawn: Drawn, length: int) -> float:
    """Of the difference at the campaign's end, by what was known at the launch."""
    known = drawn.chance[np.isfinite(drawn.chance)]
    own = float(known.mean()) * length / CHANCE_DAYS if len(known) else 0.0
    caused = float(found.document["caused_by_the_contact"]) / max(len(drawn.held), 1)
    return expected_variance(own + max(caused, 0.0), drawn.sizes)


def _no_return(effects: tuple[Effect | Inconclusive, Effect | Inconclusive]) -> Inconclusive:
    return next(one for one in effects if isinstance(one, Inconclusive))


def _parts(warehouse: Warehouse, found: Launched, drawn: Drawn, people: Any, days: int, length: int) -> Any:
    if min(drawn.sizes) < FEWEST:
        return ()
    names = groups_before(warehouse, found, people)
    flags = {str(name): names == name for name in np.unique(names)}
    return by_part(drawn, flags, days, _variance(found, drawn, length)) if len(flags) > 1 else ()


def _assigned(found: Launched, drawn: Drawn, of: Compared, kept: Flags, made: Made) -> Assigned:
    draw = found.draw
    sizes, share = drawn.sizes, draw.share
    aside = ~(kept | draw.universal)
    ratio = 1.0
    if 0 < share < 1:
        ratio = sample_ratio(("a", "h"), sizes, {"a": 1 - share, "h": share}).chance
    return Assigned(
        assigned=sizes[0],
        held_out=sizes[1],
        of=of,
        aside=int(aside.sum()),
        beside=len(np.intersect1d(draw.subscriber[aside & ~draw.held], made.subscriber)),
        share=share,
        chance=ratio,
        universal=int(draw.universal.sum()),
        contaminated=len(np.intersect1d(draw.subscriber[kept & draw.held], made.subscriber)),
        unscored=int((~np.isfinite(drawn.chance)).sum()),
    )


def _funnel(found: Launched, made: Made, orders: Taken) -> Any:
    rows = found.contacts

    def names(column: str) -> Any:
        return np.array([one or "" for one in rows[column].to_pylist()], np.str_)

    planned = planned_rows(np.asarray(rows["subscriber"].to_numpy(), np.int64), names("channel"), made)
    splits = {
        Along.WAVE: names("phase"),
        Along.CHANNEL: names("channel"),
        Along.GROUP: names("group"),
        Along.OFFER: names("offer"),
    }
    return funnel_of(splits, planned, made, orders)


def _scripts(found: Launched, made: Made) -> tuple[ArmFound, ...]:
    """The scripts of calls that reached somebody, as arms."""
    told = made.where((made.script != "") & made.reached)
    if not len(told.subscriber):
        return ()
    subscriber = np.asarray(found.contacts["subscriber"].to_numpy(), np.int64)
    listed, first = np.unique(subscriber, return_index=True)
    groups = np.array([one or "" for one in found.contacts["group"].to_pylist()], np.str_)[first]
    at = np.minimum(np.searchsorted(listed, told.subscriber), len(listed) - 1)
    group = np.where(listed[at] == told.subscriber, groups[at], "")
    names, arm = np.unique(told.script, return_inverse=True)
    calls = ArmCalls(
        arm=arm, day=told.day, group=np.unique(group, return_inverse=True)[1], willing=told.willing
    )
    return compared_arms(calls, tuple(names.tolist()))


def _names(document: Any) -> dict[str, Label]:
    """What parts are called: waves, channels and offers by their codes."""
    return {
        **{code: Label(**name) for code, name in document["phases"].items()},
        **{code: Label(**one["name"]) for code, one in document["channels"].items()},
        **{code: Label(**one["name"]) for code, one in document["offers"].items()},
    }
