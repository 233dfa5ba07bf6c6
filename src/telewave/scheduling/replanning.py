"""What is left of a plan when results, wishes or capacities change on some day: as little as necessary is moved. Pure.

1. Done contacts keep their day and take its room. Contacts no longer wanted lose theirs.
2. A contact that is not done must move if its day has passed, is no longer a working day of its channel in its phase,
   or is now too near to a touch that was made. Where the spacing rule itself has become wider, touches of one person
   that are now too near to each other must move, all but the more valuable.
3. Of a day that holds more than its capacity as many must move as are too many.
4. Nobody else moves. Those of 2 and 3 get new days from today on, by the transport problem of `transport`, channel by
   channel and phase by phase: as many as possible, the most valuable, with the fewest days moved.
5. Contacts without a day, new ones and old ones, get what room is left by the rule of `waves`.

Guaranteed: the smallest possible number of contacts moves, unless the spacing rule became wider. If nobody has two
contacts that must move or stand on too full a day, then the number of contacts that lose their day is the smallest
possible with so few moves, their value the smallest with that number, and the sum of days moved the smallest with all
that. Without a change nothing moves, and more capacity moves only what had no day.

Not guaranteed: where somebody has two such contacts they are dealt with one after the other, the more valuable first
within a channel and phase, and the last two sums may be greater than the smallest; all rules are still kept. Values are
compared in classes beyond 1 000 such contacts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.compiled import compiled
from telewave.kernel import Conflict, Label
from telewave.scheduling.spacing import NO_DAY, Days, Spacing, Touches, UnequalColumns, near, rings
from telewave.scheduling.transport import Groups, least_lost, least_moves
from telewave.scheduling.waves import Contacts, Dated, Why, check_numbers, fill, priority, used
from telewave.scheduling.working_days import Timetable

Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


class DoneWithoutDay(Conflict):
    """{count} contacts are said to be done but have no day. Give the day on which each was made."""

    code = "done_without_day"


class DoneLater(Conflict):
    """{count} contacts are said to be done on days after {today}. Correct their days, or the day of planning."""

    code = "done_later"


class Change(IntEnum):
    """What became of a contact, and why."""

    NONE = 0
    PASSED = 1
    DAY_OFF = 2
    TOO_NEAR = 3
    FULL = 4
    WITHDRAWN = 5
    FOUND = 6

    @property
    def label(self) -> Label:
        """The reason for people."""
        return CHANGES[self]


CHANGES = {
    Change.NONE: Label("Unchanged", "未变动"),
    Change.PASSED: Label("Its day passed without the contact", "原定日期已过而未接触"),
    Change.DAY_OFF: Label("Its day is no longer worked", "原定日期不再是工作日"),
    Change.TOO_NEAR: Label(
        "Its day is too near to another contact of the subscriber or the household",
        "原定日期与该用户或其家庭的其他接触间隔过近",
    ),
    Change.FULL: Label("Its day can take fewer contacts than planned", "原定日期的接触能力少于计划"),
    Change.WITHDRAWN: Label("No longer wanted", "已取消"),
    Change.FOUND: Label("Had no day and has one now", "原未排期，现已排上"),
}
MOVED = (Change.PASSED, Change.DAY_OFF, Change.TOO_NEAR, Change.FULL)


@dataclass(frozen=True, eq=False)
class Progress:
    """How far a plan is, arrays of shape (n,).

    `day`: ordinals, of done contacts the day they were made, of the others the planned one, `NO_DAY` for new and
    undated ones. `done`; `wanted`: False for contacts that are not to be made any more (None: all are).
    """

    day: Days
    done: Flags
    wanted: Flags | None = None


@dataclass(frozen=True, eq=False)
class Replanned:
    """`dated`: the new days; `change`: codes of `Change`, shape (n,). A contact that had to
    move and has no day any more has `NO_DAY`.
    """

    dated: Dated
    change: NDArray[np.int8]


def replan(
    contacts: Contacts,
    progress: Progress,
    table: Timetable,
    spacing: Spacing,
    today: date,
    elsewhere: Touches | None = None,
) -> Replanned:
    """The plan from `today` on, by the rules above; `table` and `spacing` as they are now.

    Raises `UnknownNumber`, `UnequalColumns`, `DoneWithoutDay`, `DoneLater`.
    """
    check_numbers(contacts, table)
    _check_progress(contacts, progress, today)
    plan = _Plan.begun(contacts, progress, table, spacing, today, elsewhere)
    change = _must_move(plan, progress)
    plan.withdraw(change != Change.NONE)
    affected = np.isin(change, MOVED) | _crowded(plan, progress)
    rows = plan.order[affected[plan.order]]
    cell = contacts.channel[rows].astype(np.int64) * len(table.phases) + contacts.phase[rows]
    for code in np.unique(cell).tolist():
        _rehouse(plan, rows[cell == code], progress.day, *divmod(code, len(table.phases)))
    change[(plan.day[: len(contacts)] != progress.day) & (change == Change.NONE)] = Change.FULL
    return _filled(plan, progress, change, elsewhere)


def _check_progress(contacts: Contacts, progress: Progress, today: date) -> None:
    for name in ("day", "done", "wanted"):
        column = getattr(progress, name)
        if column is not None and len(column) != len(contacts):
            raise UnequalColumns(contacts=len(contacts), others=len(column), column=name)
    if count := int((progress.done & (progress.day == NO_DAY)).sum()):
        raise DoneWithoutDay(count=count)
    if count := int((progress.done & (progress.day > today.toordinal())).sum()):
        raise DoneLater(count=count, today=today)


@dataclass(frozen=True, eq=False)
class _Plan:
    """The plan while it changes. `day`, shape (n + m,), and `room`, shape (C, D), are written over;
    room is 0 before today and may be negative.
    """

    contacts: Contacts
    table: Timetable
    spacing: Spacing
    today: int
    order: Integers
    rings: NDArray[np.int64]
    gaps: NDArray[np.int64]
    day: Days
    room: Integers

    @staticmethod
    def begun(
        contacts: Contacts,
        progress: Progress,
        table: Timetable,
        spacing: Spacing,
        today: date,
        elsewhere: Touches | None,
    ) -> _Plan:
        abroad = np.zeros(0, np.int32) if elsewhere is None else elsewhere.day.astype(np.int32)
        room = table.capacity - used(contacts, progress.day, table)
        room[:, : max(0, (today - table.first).days)] = 0
        return _Plan(
            contacts=contacts,
            table=table,
            spacing=spacing,
            today=today.toordinal(),
            order=priority(contacts),
            rings=rings(contacts.subscriber, contacts.household, spacing, elsewhere),
            gaps=np.array([spacing.days, spacing.household_days], np.int64),
            day=np.concatenate([progress.day.astype(np.int32), abroad]),
            room=room,
        )

    def index(self, rows: Integers) -> Integers:
        """Indices in the timetable of the contacts' days."""
        return self.day[rows].astype(np.int64) - self.table.first.toordinal()

    def withdraw(self, flags: Flags) -> None:
        """Take away the days of these contacts and give back the room, where it can still be used."""
        rows = np.flatnonzero(flags & (self.day[: len(self.contacts)] != NO_DAY))
        self.settle(rows, np.full(len(rows), NO_DAY))

    def settle(self, rows: Integers, days: Integers) -> None:
        """Give these contacts these days (ordinals) and keep the account of room."""
        for sign, moment in ((1, self.day[rows]), (-1, days)):
            inside = (moment >= max(self.today, self.table.first.toordinal())) & (
                moment <= self.table.last.toordinal()
            )
            where = moment[inside].astype(np.int64) - self.table.first.toordinal()
            np.add.at(self.room, (self.contacts.channel[rows][inside], where), sign)
        self.day[rows] = days


def _must_move(plan: _Plan, progress: Progress) -> NDArray[np.int8]:
    """Steps 1 and 2, as codes of `Change`."""
    contacts, table = plan.contacts, plan.table
    change = np.zeros(len(contacts), np.int8)
    wanted = np.ones(len(contacts), np.bool_) if progress.wanted is None else progress.wanted
    open_ = ~progress.done & wanted & (progress.day != NO_DAY)
    change[~progress.done & ~wanted] = Change.WITHDRAWN
    rows = np.flatnonzero(open_)
    index = plan.index(rows)
    phase = table.phase_of_day[np.clip(index, 0, table.days - 1)]
    worked = table.working[contacts.channel[rows], np.clip(index, 0, table.days - 1)]
    off = (index < 0) | (index >= table.days) | (phase != contacts.phase[rows]) | ~worked
    change[rows[off]] = Change.DAY_OFF
    change[rows[progress.day[rows] < plan.today]] = Change.PASSED
    standing = plan.day.copy()
    standing[: len(contacts)][~progress.done] = NO_DAY
    candidates = plan.order[(open_ & (change == Change.NONE))[plan.order]]
    near_others = _too_near(candidates, plan.day, standing, plan.rings, plan.gaps)
    change[near_others[: len(contacts)]] = Change.TOO_NEAR
    return change


@compiled
def _too_near(
    order: Integers, planned: Days, standing: Days, rings: NDArray[np.int64], gaps: NDArray[np.int64]
) -> Flags:
    """Which of the contacts at `order`, put back on their planned days one after the other, find a touch too near."""
    found = np.zeros(len(planned), np.bool_)
    for i in order:
        if near(standing, rings, gaps, i, planned[i]):
            found[i] = True
        else:
            standing[i] = planned[i]
    return found


def _crowded(plan: _Plan, progress: Progress) -> Flags:
    """Step 3: the contacts, not done, on days that hold more than they can."""
    rows = np.flatnonzero(~progress.done & (plan.day[: len(progress.day)] != NO_DAY))
    index = plan.index(rows)  # all of them are days of the timetable from today on
    flags = np.zeros(len(progress.day), np.bool_)
    flags[rows] = plan.room[plan.contacts.channel[rows], index] < 0
    return flags


def _rehouse(plan: _Plan, rows: Integers, planned: Days, channel: int, phase: int) -> None:
    """Step 4 for the contacts `rows` of one channel and phase, by priority: those
    without a day, and all those on too full days.

    A person's second contact here waits for a later round, so that within a round nobody's new day hangs on another's.
    Until its turn it stands on its planned day, which all others respect.
    """
    start, end = plan.table.phase_spans[phase].tolist()
    room = plan.room[channel, start:end]  # a view: `settle` keeps it up to date
    full = room < 0
    rounds = _rounds(rows, plan.rings, len(plan.day))
    for number in range(int(rounds.max()) + 1):
        now = rows[rounds == number]
        later = rows[rounds > number]
        origin = planned[now].astype(np.int64) - plan.table.first.toordinal() - start
        waiting = plan.index(np.concatenate([now, later])) - start
        standing = np.bincount(waiting[(waiting >= 0)], minlength=end - start)
        left = np.where(full, room + standing, room)
        allowed = _allowed(
            now, plan.day, plan.rings, plan.gaps, plan.table.first.toordinal() + start, left > 0
        )
        allowed &= ~full
        stays = np.flatnonzero(plan.day[now] != NO_DAY)
        allowed[stays, origin[stays]] = left[origin[stays]] > 0
        index = _assigned(
            origin, allowed, np.maximum(left, 0), full, plan.contacts.value[now].astype(np.float64)
        )
        plan.settle(now, np.where(index < 0, NO_DAY, plan.table.first.toordinal() + start + index))


@compiled
def _rounds(rows: Integers, rings: NDArray[np.int64], size: int) -> Integers:
    """For each of `rows`, how many rounds it waits for more valuable ones of the same subscriber or household among
    them.
    """
    level = np.full(size, -1)
    found = np.zeros(len(rows), np.int64)
    for k, i in enumerate(rows):
        for kind in range(2):
            other = rings[kind, i]
            while other != i:
                found[k] = max(found[k], level[other] + 1)
                other = rings[kind, other]
        level[i] = found[k]
    return found


@compiled
def _allowed(
    rows: Integers, day: Days, rings: NDArray[np.int64], gaps: NDArray[np.int64], first: int, room: Flags
) -> Flags:
    """Whether each contact may be made on each day, shape (rows, days): the day has room and no touch is too near."""
    allowed = np.zeros((len(rows), len(room)), np.bool_)
    for k, i in enumerate(rows):
        for d in range(len(room)):
            allowed[k, d] = room[d] and not near(day, rings, gaps, i, first + d)
    return allowed


def _assigned(
    origin: Integers, allowed: Flags, room: Integers, full: Flags, value: NDArray[np.float64]
) -> Integers:
    """Index of the new day of each contact, -1 for none; contacts by falling value, the
    order in which a group's stay, move, lose.
    """
    keys = np.concatenate([origin[:, None], np.packbits(allowed, axis=1)], axis=1)
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    group = group.reshape(-1)
    groups = Groups(
        origin=origin[first], count=np.bincount(group), allowed=allowed[first], room=room, full=full
    )
    moves = least_moves(groups)
    if moves.sum() < len(value):
        lost = least_lost(groups, group, value)
        moves = least_moves(
            Groups(
                origin=groups.origin, count=groups.count - lost, allowed=groups.allowed, room=room, full=full
            )
        )
    index = np.full(len(value), -1)
    members = np.split(np.argsort(group, kind="stable"), np.cumsum(groups.count)[:-1])
    for rows, old, row in zip(members, groups.origin.tolist(), moves, strict=True):
        days = np.repeat(np.arange(len(row)), row)
        days = days[np.argsort(days != old, kind="stable")]
        index[rows[: len(days)]] = days
    return index


def _filled(
    plan: _Plan, progress: Progress, change: NDArray[np.int8], elsewhere: Touches | None
) -> Replanned:
    """Step 5, and the reason of everybody without a day."""
    contacts, table = plan.contacts, plan.table
    day = plan.day[: len(contacts)].copy()
    homeless = (day == NO_DAY) & (change != Change.WITHDRAWN)
    order = plan.order[homeless[plan.order]]
    dated = fill(contacts, order, table, np.maximum(plan.room, 0), plan.spacing, day, elsewhere)
    change[(progress.day == NO_DAY) & (dated.day != NO_DAY)] = Change.FOUND
    # Too near to a touch that has then moved itself: back on its day.
    change[(progress.day == dated.day) & (change == Change.TOO_NEAR)] = Change.NONE
    dated.why[change == Change.WITHDRAWN] = Why.WITHDRAWN
    future = table.working.copy()
    future[:, : max(0, plan.today - table.first.toordinal())] = False
    over = np.array([~future[:, a:b].any(axis=1) for a, b in table.phase_spans.tolist()])
    ended = over[contacts.phase, contacts.channel] & (dated.why == Why.NO_CAPACITY)
    dated.why[ended] = Why.PHASE_OVER
    return Replanned(dated, change)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCount:
    """Contacts of a channel that changed for one reason: how many, how many of them have
    no day now, and the days moved of the rest.
    """

    channel: int
    change: Change
    contacts: int
    undated: int
    days_moved: int


def changes(contacts: Contacts, progress: Progress, after: Replanned) -> tuple[ChangeCount, ...]:
    """What changed, by channel and reason. `days_moved` is the sum over contacts that had a day and have one."""
    rows = np.flatnonzero(after.change != Change.NONE)
    old, new = progress.day[rows].astype(np.int64), after.dated.day[rows].astype(np.int64)
    moved = np.where((old != NO_DAY) & (new != NO_DAY), np.abs(new - old), 0)
    codes = contacts.channel[rows].astype(np.int64) * len(Change) + after.change[rows]
    kinds, which, counts = np.unique(codes, return_inverse=True, return_counts=True)
    undated = np.bincount(which, new == NO_DAY, minlength=len(kinds))
    days = np.bincount(which, moved, minlength=len(kinds))
    return tuple(
        ChangeCount(
            channel=code // len(Change),
            change=Change(code % len(Change)),
            contacts=count,
            undated=int(lost),
            days_moved=int(total),
        )
        for code, count, lost, total in zip(
            kinds.tolist(), counts.tolist(), undated.tolist(), days.tolist(), strict=True
        )
    )
