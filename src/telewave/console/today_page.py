"""What waits for whoever is signed in, today: a sentence each, with the way there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from telewave.access.roles import Permission
from telewave.access.usecases import everybody
from telewave.approvals.approval import Approved, Draft, InReview, Launched, Paused, Standing
from telewave.approvals.usecases import campaigns, find
from telewave.console.campaign_told import title_of
from telewave.console.frame import in_address, page
from telewave.console.visit import Visit, needs
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.kernel import Label, Message
from telewave.platform.jobs.model import State as JobState
from telewave.platform.jobs.store import all_jobs

router = APIRouter()
DONE = {"password": Message("Your password is changed; other sessions of yours have ended.")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """Something to do. `do`: what the way there is called."""

    sentence: Message
    address: str
    do: Message


@router.get("/")
def today(visit: Visit = needs(), done: str = "") -> Response:
    """The day's work."""
    waiting = [*_of_campaigns(visit), *_of_people(visit)]
    return page(visit, "today.html", "/", waiting=waiting, said=DONE.get(done))


def _of_campaigns(visit: Visit) -> Iterator[Waiting]:
    for name, _ in campaigns(visit.database):
        dossier = find(visit.database, name)
        title = title_of(visit.database, dossier)
        for standing in dossier.standings:
            if dossier.kind(standing.version.number) == ContactPlanKind.name or not isinstance(
                standing, Launched
            ):
                yield from _of_version(visit, standing, title)
        if dossier.running(ContactPlanKind.name) is not None:
            yield from _of_running(visit, name, title)
    if visit.may(Permission.CAMPAIGN_READ):
        given_up = sum(job.state is JobState.FAILED for job in all_jobs(visit.database))
        if given_up:
            yield Waiting(
                sentence=Message("{count} jobs were given up: see telewave jobs.", count=given_up),
                address="/campaigns",
                do=Message("See the campaigns"),
            )


def _of_version(visit: Visit, standing: Standing, title: Label | str) -> Iterator[Waiting]:
    version, me = standing.version, visit.person.name
    address = f"/campaigns/{in_address(version.campaign)}"
    values = {"campaign": title, "version": version.number}
    match standing:
        case InReview() if visit.may(Permission.PLAN_APPROVE) and me not in version.authors:
            sentence = Message("Version {version} of {campaign} waits for your approval.", **values)
            yield Waiting(sentence=sentence, address=address, do=Message("Review it"))
        case InReview() if me in version.authors:
            sentence = Message("Version {version} of {campaign} waits for a second person.", **values)
            yield Waiting(sentence=sentence, address=address, do=Message("See it"))
        case Draft() if visit.may(Permission.PLAN_SUBMIT) and me in version.authors:
            sentence = Message("Version {version} of {campaign} is your draft.", **values)
            yield Waiting(sentence=sentence, address=address, do=Message("Hand it in"))
        case Approved() if visit.may(Permission.PLAN_LAUNCH):
            sentence = Message("Version {version} of {campaign} is approved, and not launched yet.", **values)
            yield Waiting(sentence=sentence, address=address, do=Message("Launch it"))
        case Paused() if visit.may(Permission.PLAN_LAUNCH):
            sentence = Message("{campaign} is paused: nothing of it is carried out.", **values)
            yield Waiting(sentence=sentence, address=address, do=Message("Go on or stop it"))
        case Launched() if visit.may(Permission.CAMPAIGN_READ):
            yield Waiting(
                sentence=Message("{campaign} runs.", **values),
                address=f"{address}/results",
                do=Message("See what it earns"),
            )
        case _:
            return


def _of_running(visit: Visit, name: str, title: Label | str) -> Iterator[Waiting]:
    if visit.may(Permission.CALL_TAKE):
        yield Waiting(
            sentence=Message("{campaign}: customers wait for your call.", campaign=title),
            address=f"/calls/{in_address(name)}",
            do=Message("Begin to call"),
        )
    if visit.may(Permission.CALLS_READ):
        yield Waiting(
            sentence=Message("{campaign}: how the day's calls went.", campaign=title),
            address=f"/campaigns/{in_address(name)}/calls",
            do=Message("Read the bulletin"),
        )


def _of_people(visit: Visit) -> Iterator[Waiting]:
    if not visit.may(Permission.PERSON_MANAGE):
        return
    new = sum(one.one_time and one.locked_at is None for one in everybody(visit.database))
    if new:
        yield Waiting(
            sentence=Message("{count} people have not signed in with the password made for them.", count=new),
            address="/people",
            do=Message("See them"),
        )
