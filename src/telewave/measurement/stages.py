"""A campaign's funnel, and the paths of contacts before orders: from the plan's rows and the records. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from telewave.measurement.attribution import Path
from telewave.measurement.model import Along, Stages

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Names = npt.NDArray[np.str_]
LATE = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Made:
    """Contacts on record in order of time, one entry a contact: channels by the plan's names, `day` of the campaign
    (0 the first), local `hour`, whether it got through, found somebody willing, ended in an order; `agent`, `script`.
    """

    subscriber: Numbers
    channel: Names
    day: Numbers
    reached: Flags
    willing: Flags
    agent: Names
    hour: Numbers
    ordered: Flags
    script: Names

    def where(self, kept: Flags) -> Made:
        """Some of them."""
        return Made(
            subscriber=self.subscriber[kept],
            channel=self.channel[kept],
            day=self.day[kept],
            reached=self.reached[kept],
            willing=self.willing[kept],
            agent=self.agent[kept],
            hour=self.hour[kept],
            ordered=self.ordered[kept],
            script=self.script[kept],
        )


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Taken:
    """The first order of each person who ordered, sorted by `subscriber`: its day of the campaign, through which
    channel of the records, whether it is active by now, and what it earns (major units).
    """

    subscriber: Numbers
    day: Numbers
    channel: Names
    active: Flags
    margin: npt.NDArray[np.float64]

    def of(self, numbers: Numbers) -> Numbers:
        """Place of each person's order, -1 where there is none."""
        if not len(self.subscriber):
            return np.full(len(numbers), -1, np.int64)
        place = np.minimum(np.searchsorted(self.subscriber, numbers), len(self.subscriber) - 1)
        return np.where(self.subscriber[place] == numbers, place, -1)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Rows:
    """What the funnel counts, one entry a planned contact (or one on record): whose, which part it belongs to, how
    far it came, and the day of the contact (`LATE`: not made).
    """

    subscriber: Numbers
    contacted: Flags
    reached: Flags
    willing: Flags
    day: Numbers


def planned_rows(subscriber: Numbers, channel: Names, made: Made) -> Rows:
    """The plan's contacts with what is on record of the same person and channel."""
    known, codes = np.unique(np.concatenate([channel, made.channel]), return_inverse=True)
    wanted = subscriber * len(known) + codes[: len(channel)]
    keys = made.subscriber * len(known) + codes[len(channel) :]
    pairs, place = np.unique(keys, return_inverse=True)
    day = np.full(len(pairs), LATE)
    np.minimum.at(day, place, made.day)
    through, willing = (np.bincount(place, flag, len(pairs)) > 0 for flag in (made.reached, made.willing))
    if not len(pairs):
        nothing = np.zeros(len(wanted), np.bool_)
        return Rows(
            subscriber=subscriber,
            contacted=nothing,
            reached=nothing,
            willing=nothing,
            day=np.full(len(wanted), LATE),
        )
    at = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
    found = pairs[at] == wanted
    return Rows(
        subscriber=subscriber,
        contacted=found,
        reached=found & through[at],
        willing=found & willing[at],
        day=np.where(found, day[at], LATE),
    )


def recorded_rows(made: Made) -> Rows:
    """Contacts on record as such."""
    return Rows(
        subscriber=made.subscriber,
        contacted=np.ones(len(made.subscriber), np.bool_),
        reached=made.reached,
        willing=made.willing,
        day=made.day,
    )


def stages(rows: Rows, parts: Names, taken: Taken, *, planned: bool = True) -> tuple[Stages, ...]:
    """People at each stage by part, the largest first; a person counts once in each part that he belongs to. Of parts
    that are not `planned` nobody was the target.
    """
    place = taken.of(rows.subscriber)
    took = place >= 0
    day = np.where(took, taken.day[place] if len(taken.day) else 0, -1)
    ordered = took & rows.contacted & (day >= rows.day)
    active = ordered & (taken.active[place] if len(taken.active) else False)
    found = []
    for name in np.unique(parts):
        mine = parts == name
        counts = [
            len(np.unique(rows.subscriber[mine & flag]))
            for flag in (rows.contacted, rows.reached, rows.willing, ordered, active)
        ]
        target = len(np.unique(rows.subscriber[mine])) if planned else None
        found.append(
            Stages(
                name=str(name),
                target=target,
                contacted=counts[0],
                reached=counts[1],
                willing=counts[2],
                ordered=counts[3],
                activated=counts[4],
            )
        )
    return tuple(sorted(found, key=lambda one: (-(one.target or one.contacted or 0), one.name)))


def where_ordered(taken: Taken, numbers: Numbers) -> tuple[Stages, ...]:
    """Orders of the plan's people by the channel that they were made through."""
    mine = np.isin(taken.subscriber, numbers)
    found = [
        Stages(
            name=str(name),
            target=None,
            contacted=None,
            reached=None,
            willing=None,
            ordered=int((mine & (taken.channel == name)).sum()),
            activated=int((mine & (taken.channel == name) & taken.active).sum()),
        )
        for name in np.unique(taken.channel[mine])
    ]
    return tuple(sorted(found, key=lambda one: (-one.ordered, one.name)))


def funnel_of(
    planned: Mapping[Along, Names], rows: Rows, made: Made, taken: Taken
) -> dict[Along, tuple[Stages, ...]]:
    """By every split. `planned`: of each of the plan's contacts the part it belongs to."""
    found = {along: stages(rows, parts, taken) for along, parts in planned.items()}
    spoke = made.where(made.agent != "")
    found[Along.AGENT] = stages(recorded_rows(spoke), spoke.agent, taken, planned=False)
    by_script = made.where(made.script != "")
    found[Along.SCRIPT] = stages(recorded_rows(by_script), by_script.script, taken, planned=False)
    found[Along.WHERE] = where_ordered(taken, rows.subscriber)
    return found


def paths(made: Made, taken: Taken) -> tuple[dict[Path, tuple[int, int]], dict[Path, tuple[int, int]]]:
    """Who went which path of channels until his order (or until now), with how many ordered, and with the sum of their
    margins in minor units. A contact after the order is on no path.
    """
    place = taken.of(made.subscriber)
    took = place >= 0
    until = np.where(took, taken.day[place] if len(taken.day) else 0, LATE)
    kept = made.day <= until
    who, channel, order = made.subscriber[kept], made.channel[kept], place[kept]
    by = np.lexsort((np.arange(len(who)), who))
    who, channel, order = who[by], channel[by], order[by]
    starts = np.flatnonzero(np.concatenate([np.ones(min(len(who), 1), np.bool_), who[1:] != who[:-1]]))
    lengths = np.diff(np.append(starts, len(who)))
    which = _same_paths(channel, starts, lengths)
    first = np.unique(which, return_index=True)[1]
    at = order[starts]
    minor = np.where(at >= 0, np.round(taken.margin[at] * 100) if len(taken.margin) else 0.0, 0.0)
    people, took_it, earned = (
        np.bincount(which, weights, len(first)) for weights in (np.ones(len(starts)), at >= 0, minor)
    )
    orders: dict[Path, tuple[int, int]] = {}
    worth: dict[Path, tuple[int, int]] = {}
    for k, one in enumerate(first.tolist()):
        path = tuple(channel[starts[one] : starts[one] + lengths[one]].tolist())
        orders[path] = int(people[k]), int(took_it[k])
        worth[path] = int(people[k]), round(float(earned[k]))
    return orders, worth


def _same_paths(channel: Names, starts: Numbers, lengths: Numbers) -> Numbers:
    """A number for each person's path, the same for equal paths, shape as `starts`: step by step, paths that were equal
    so far are told apart by the next channel.
    """
    names, codes = np.unique(channel, return_inverse=True)
    which = np.zeros(len(starts), np.int64)
    for step in range(int(lengths.max(initial=0))):
        on = step < lengths
        following = np.where(on, codes[np.where(on, starts + step, 0)] + 1, 0)
        which = np.unique(which * (len(names) + 1) + following, return_inverse=True)[1]
    return which
