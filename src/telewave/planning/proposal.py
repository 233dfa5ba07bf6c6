"""The proposal: who is held out, who gets what, when, and what that is expected to earn; beside doing it without a
plan. Pure.

Order of decisions: control groups are taken out first; the others are allocated under all limits; some of the allocated
exchange their options by lot, with the probability logged; contacts are dated within their phase by value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.model import NOTHING, Allocation, Choices, LimitUse, Problem
from telewave.briefs.model import Brief, Holdout
from telewave.experiments.assignment import Explored
from telewave.kernel import Conflict, Message
from telewave.offers.model import Offer
from telewave.planning.aims import aimed_at, aimed_of, option_prices
from telewave.planning.allocating import allocated, bound_of, class_codes
from telewave.planning.comparisons import Ways, way, ways_of
from telewave.planning.control_groups import ALONE, Surroundings, control_groups, share_to_hold_out
from telewave.planning.exploring import explored
from telewave.planning.limits import Classes, classes_of, limits_of
from telewave.planning.options import (
    Base,
    Chances,
    Flags,
    Floats,
    Options,
    chances,
    options_of,
    steer,
    values,
    values_at,
)
from telewave.planning.room import fitting
from telewave.planning.stocks import Stock, class_means, stocks_of, use_of
from telewave.scheduling.spacing import NO_DAY, Spacing
from telewave.scheduling.waves import Contacts, Dated, date_contacts


class NobodyToContact(Conflict):
    """Nobody of {subscribers} subscribers may be contacted in the campaign {campaign}: {reason} Widen the audiences of
    its phases, its offers' eligibility or its channels' consent.
    """

    code = "nobody_to_contact"


@dataclass(frozen=True, kw_only=True, eq=False)
class Proposal:
    """Everything that was decided. Arrays are over the n subscribers who may be contacted,
    `base`; contacts over what was allocated.

    `everybody`: numbers of all subscribers considered, with flags of the control groups; `aimed`: whom of the n the
    plan would contact by `aims`, shape (n,), `aimed_held`: numbers of those held out whom it would. `problem` has the
    values of the options as the levers tilt them, `contacts` what is expected. `bound`: no plan under the limits,
    tilted alike, earns more. `row`: base row of each contact, `option` its option, `touch` 0 for the subscriber's most
    valuable contact. `organic`: takers whom each phase's audience is expected to bring by itself in the model's window.
    """

    campaign: Brief
    surroundings: Surroundings
    everybody: NDArray[np.int64]
    universal: Flags
    held: Flags
    aimed: Flags
    aimed_held: NDArray[np.int64]
    base: Base
    options: Options
    chance: Chances
    stocks: tuple[Stock, ...]
    problem: Problem
    allocation: Allocation
    bound: float
    explored: Explored
    row: NDArray[np.int64]
    option: NDArray[np.int64]
    touch: NDArray[np.int64]
    contacts: Contacts
    dated: Dated
    ways: Ways
    organic: tuple[float, ...]

    @cached_property
    def made(self) -> Flags:
        """Which contacts have a day, and so will be made. Shape (contacts,)."""
        return np.asarray(self.dated.day != NO_DAY)

    @property
    def takers(self) -> Floats:
        """Expected takers of each contact: organic and gained; 0 of those without a day. Shape (contacts,)."""
        return np.where(self.made, self.contacts.probability, 0.0)

    @cached_property
    def gained(self) -> Floats:
        """Takers that each contact is expected to bring in addition; 0 without a day. Shape (contacts,)."""
        return np.where(self.made, self.chance.gained_at(self.options, self.row, self.option), 0.0)

    @property
    def profit(self) -> Floats:
        """Expected incremental profit of each contact in major units; 0 without a day. Shape (contacts,)."""
        return np.where(self.made, self.contacts.value, 0.0)

    @cached_property
    def aims(self) -> NDArray[np.int64]:
        """Numbers of all whom the plan would contact, held out or not, rising."""
        return np.sort(np.concatenate([self.base.subscriber[self.aimed], self.aimed_held]))

    @property
    def gap(self) -> float:
        """What any plan could earn more than this one, as a share of the bound; both as the levers tilt them."""
        earned = float(self.problem.values[self.row, self.option].sum(dtype=np.float64))
        return (self.bound - earned) / abs(self.bound) if self.bound else 0.0

    @cached_property
    def limits(self) -> tuple[LimitUse, ...]:
        """The limits with what the contacts that have a day use; of stocks that is counted contact by contact."""
        problem = self.problem
        code = (class_codes(problem)[self.row] * problem.options + self.option)[self.made]
        size = problem.class_count * problem.options
        used = problem.loads(np.bincount(code, minlength=size).reshape(problem.class_count, -1).astype(float))
        exact = use_of(self.stocks, self.gained, self.option)
        names = {stock.name: number for number, stock in enumerate(self.stocks)}
        return tuple(
            replace(one, used=float(exact[names[one.limit.name]] if one.limit.name in names else load))
            for one, load in zip(self.allocation.limits, used, strict=True)
        )


def propose(
    brief: Brief,
    offers: Sequence[Offer],
    everybody: Base,
    *,
    members: Sequence[Flags] = (),
    group: NDArray[np.int8] | None = None,
    surroundings: Surroundings = ALONE,
) -> Proposal:
    """Plan `campaign` on `everybody`. `members`: who counts for each minimum, shape (n,);
    `group`: target group, by number, -1: none.

    Raises `NobodyToContact`, `NoPlanExists`, what `options_of` raises.
    """
    if brief.holdout.campaign is None:
        brief = _enough_held_out(brief, offers, everybody, members, surroundings)
    options = options_of(brief, offers)
    universal, held = control_groups(brief, everybody, surroundings)
    left = _left_to_this_campaign(brief, everybody, surroundings)
    free = ~(universal | held) & left
    rows = _to_contact(brief, everybody, free)
    base, counted = everybody.rows(rows), [flags[rows] for flags in members]
    whole = chances(everybody, brief, options)
    chance, organic = whole.rows(rows), tuple(float(whole.organic[m].sum()) for m in everybody.addressed.T)
    stocks = stocks_of(brief, options, whole, surroundings.window_days, surroundings.since)
    alike = np.flatnonzero(held & left & _reachable(everybody))
    theirs = whole.rows(alike)
    del whole  # of millions it is as large as all that is still to come
    earned = partial(way, value_at=lambda row, option: values_at(base, brief, options, chance, row, option))
    value, unlevered = values(base, brief, options, chance), None
    classes = classes_of(base.probability, counted)
    problem = _problem(brief, options, base, chance, stocks, classes, value)
    if brief.choice.levers:
        unlevered = earned(allocated(problem, stocks, chance, options, counted)[1]).profit
        steer(value, brief, options)
        problem = replace(problem, values=value)
    made, choice = allocated(problem, stocks, chance, options, counted)
    choice = _with_room(choice, problem, brief, base, surroundings)
    ways = ways_of(brief, options, base, chance, problem, earned, None if group is None else group[rows])
    ways = replace(ways, plan=earned(choice), unlevered=unlevered)
    price = option_prices(problem, made)
    aimed = aimed_at(problem.values, classes.codes_of(base.probability, counted), price)
    others, them = [flags[alike] for flags in members], everybody.rows(alike)
    aimed_held = alike[aimed_of(brief, options, them, theirs, others, classes, price)]
    drawn, choice = explored(brief, base, options, chance, stocks, problem, choice)
    row, touch = np.nonzero(choice != NOTHING)
    option = choice[row, touch].astype(np.int64)
    expected = values_at(base, brief, options, chance, row, option)
    contacts = _contacts(base, options, chance, expected, row, option, touch)
    dated = date_contacts(contacts, brief.timetable, spacing_of(brief), surroundings.elsewhere)
    return Proposal(
        campaign=brief, surroundings=surroundings, everybody=everybody.subscriber, universal=universal,
        held=held, aimed=aimed, aimed_held=everybody.subscriber[aimed_held], base=base, options=options,
        chance=chance, stocks=stocks, problem=problem,
        allocation=made, bound=bound_of(problem, made, stocks, chance, options), explored=drawn, row=row,
        option=option, touch=touch, contacts=contacts, dated=dated, ways=ways, organic=organic,
    )  # fmt: skip


def _with_room(
    choice: Choices, problem: Problem, brief: Brief, base: Base, surroundings: Surroundings
) -> Choices:
    """The choice with no more contacts of anybody than those of earlier phases have left him and his household."""
    had = surroundings.had
    if had is None:
        return choice
    people = np.arange(len(base.subscriber))
    left = brief.most_contacts - had.of_subscribers(base.subscriber)
    choice = fitting(choice, problem.values, people, left)
    if brief.household_contacts is None or base.household is None:
        return choice
    left = brief.household_contacts - had.of_households(base.household)
    return fitting(choice, problem.values, base.household, left)


def spacing_of(brief: Brief) -> Spacing:
    """The same days between the touches of a subscriber and, where the campaign limits these, of a household."""
    days = brief.spacing_days
    return Spacing(days, days if brief.household_contacts is not None else 0)


def _enough_held_out(
    brief: Brief,
    offers: Sequence[Offer],
    everybody: Base,
    members: Sequence[Flags],
    surroundings: Surroundings,
) -> Brief:
    """The campaign with the holdout that was drawn, else with as large a one as the
    effect needs that a plan without one expects.
    """
    if surroundings.drawn is not None:
        return replace(brief, holdout=replace(brief.holdout, campaign=surroundings.drawn.share))
    everyone = replace(brief, holdout=Holdout(0.0))
    made = propose(everyone, offers, everybody, members=members, surroundings=surroundings)
    subscribers = int(made.aimed.sum())
    effect = float(made.gained.sum()) / max(subscribers, 1)
    rate = float(made.chance.organic[made.aimed].mean()) if subscribers else 0.0
    share = share_to_hold_out(subscribers, rate, effect, surroundings.window_days)
    return replace(brief, holdout=replace(brief.holdout, campaign=share))


def _to_contact(brief: Brief, everybody: Base, free: Flags) -> NDArray[np.int64]:
    """Positions of those who may be contacted, members of a household one after the other. Raises `NobodyToContact`."""
    rows = np.flatnonzero(free & _reachable(everybody))
    if not len(rows):
        raise NobodyToContact(
            subscribers=len(everybody.subscriber), campaign=brief.id, reason=_why_nobody(everybody)
        )
    if everybody.household is None:
        return rows
    return np.asarray(rows[np.argsort(everybody.household[rows], kind="stable")])


def _reachable(everybody: Base) -> Flags:
    """To whom some offer is open, whom some phase addresses and whom some channel reaches."""
    some = [flags.any(1) for flags in (everybody.open_offers, everybody.addressed, everybody.reachable)]
    return np.asarray(np.logical_and.reduce(some))


def _left_to_this_campaign(brief: Brief, everybody: Base, surroundings: Surroundings) -> Flags:
    """Without those held out of another campaign that runs, where the campaign respects that."""
    if not brief.holdout.respects_others:
        return np.ones(len(everybody.subscriber), np.bool_)
    return ~surroundings.spoilt(everybody.subscriber)


def _why_nobody(base: Base) -> Message:
    if not len(base.subscriber):
        return Message("no subscriber has a score.")
    if not base.addressed.any():
        return Message("no phase's audience has members.")
    if not base.open_offers.any():
        return Message("no offer is open to anybody.")
    return Message("no channel reaches anybody.")


def _problem(
    brief: Brief,
    options: Options,
    base: Base,
    chance: Chances,
    stocks: tuple[Stock, ...],
    classes: Classes,
    value: NDArray[np.float32],
) -> Problem:
    columns = ((chance.gained(one), np.isfinite(value[:, j])) for j, one in enumerate(options.options))
    sales = class_means(classes.code, classes.count, columns)
    return Problem(
        values=value,
        offer=options.offer_codes,
        limits=limits_of(brief, options, classes, stocks, sales),
        most=brief.most_contacts,
        classes=classes.code,
        class_count=classes.count,
        household_ends=_household_ends(brief, base),
        household_most=brief.household_contacts or 0,
    )


def _household_ends(brief: Brief, base: Base) -> NDArray[np.int64] | None:
    """Position after the last line of each household; lines without one are apart."""
    if brief.household_contacts is None or base.household is None:
        return None
    mine = base.household
    alike = (mine[1:] == mine[:-1]) & (mine[1:] >= 0)
    return np.append(np.flatnonzero(~alike) + 1, len(mine)).astype(np.int64)


def _contacts(
    base: Base,
    options: Options,
    chance: Chances,
    value: NDArray[np.float32],
    row: NDArray[np.int64],
    option: NDArray[np.int64],
    touch: NDArray[np.int64],
) -> Contacts:
    taken = chance.organic[row] + chance.gained_at(options, row, option)
    return Contacts(
        subscriber=base.subscriber[row],
        channel=options.channel_codes[option],
        phase=options.phase_codes[option],
        value=value.astype(np.float64),
        probability=np.clip(taken, 0.0, 1.0),
        touch=touch,
        household=None if base.household is None else base.household[row],
    )
