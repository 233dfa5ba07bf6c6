"""Rehearse a stored plan: load it, run it many times, sum up."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from telewave.kernel import Conflict, Message, Missing
from telewave.planning.plans import SHOWN_DIGITS, contacts_of, plan_called, present_plan
from telewave.platform.database import Database
from telewave.platform.progress import Progress, track
from telewave.platform.warehouse import Warehouse
from telewave.rehearsal.model import Means, Run, Script, UnusableMeans
from telewave.rehearsal.running import run
from telewave.rehearsal.scripting import script_of
from telewave.rehearsal.summary import Rehearsal, summed_up

FEWEST_DRAWS, MOST_DRAWS = 10, 10_000
THREADS = 2


class NothingToRehearse(Conflict):
    """The plan {plan} has no contacts that could be rehearsed: none has a day and a channel whose steps are known. Make
    the plan again with this version: telewave plan make
    """

    code = "nothing_to_rehearse"


class NoSuchChannelInPlan(Missing):
    """The plan has no contacts through {channel}. Leave out one of: {known}."""

    code = "no_such_channel_in_plan"


def script_called(warehouse: Warehouse, database: Database, campaign: str, start: str = "") -> Script:
    """The plan of the campaign that runs, else the one made last; `start`: the one whose hash begins so.

    Raises `NoPlanYet`, `NothingToRehearse`, `NoSuchPlan`, `PlanHashTooShort`, `PlanChanged`.
    """
    plan = plan_called(database, start) if start else present_plan(database, campaign)
    script = script_of(plan.content, contacts_of(warehouse, plan), plan.hash)
    if not len(script.day):
        raise NothingToRehearse(plan=plan.hash[:SHOWN_DIGITS])
    return script


def rehearse(
    script: Script,
    means: Means,
    progress: Progress,
    *,
    draws: int = 100,
    seed: int = 0,
) -> Rehearsal:
    """Run it `draws` times; under other means than the plan's own also under these, on the same random numbers.

    Raises `UnusableMeans`, `NoSuchChannelInPlan`.
    """
    if not FEWEST_DRAWS <= draws <= MOST_DRAWS:
        raise UnusableMeans(what=f"draws = {draws}")
    known = sorted({one.channel for one in script.waves})
    for name in means.without:
        if name not in known:
            raise NoSuchChannelInPlan(channel=name, known=", ".join(known))
    own = means.as_given
    asked = [means] if means == own else [means, own]
    jobs = [(one, k) for one in asked for k in range(draws)]
    with ThreadPoolExecutor(THREADS) as pool:
        told = pool.map(partial(_one, script, seed), jobs)
        runs = list(_tracked(progress, told, len(jobs)))
    found = [summed_up(script, one, runs[k * draws : (k + 1) * draws]) for k, one in enumerate(asked)]
    return Rehearsal(found[0], found[1] if len(found) > 1 else None)


def _one(script: Script, seed: int, job: tuple[Means, int]) -> Run:
    means, draw = job
    return run(script, means, draw, seed)


def _tracked(progress: Progress, told: Iterable[Run], total: int) -> Iterable[Run]:
    return track(progress, Message("Rehearsing the plan"), told, total)
