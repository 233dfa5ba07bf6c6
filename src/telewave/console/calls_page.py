"""An agent's calls, one at a time: whom, why, what to say; what became of it, by a key each."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import Response

from telewave.access.roles import Permission
from telewave.approvals.usecases import campaigns, find
from telewave.console.campaign_told import plans_told, title_of, title_told
from telewave.console.frame import in_address, page
from telewave.console.visit import Visit, needs
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.kernel import Label, Message, TelewaveError
from telewave.outbound import call_words as words
from telewave.outbound.dispositions import TABLE, CallResult, Effect, Row
from telewave.outbound.model import Given, NobodyNow, Outcome
from telewave.outbound.numbers_shown import number_shown
from telewave.outbound.recording import record_call
from telewave.outbound.reserving import next_call
from telewave.outbound.timing import parse_time
from telewave.outbound.told_calls import CALLS
from telewave.platform.pages.page_table import page_table

router = APIRouter()
KEYS = "1234567890-="
"""Of the dispositions, in the order of their table."""
ENTRY = "/calls"


@router.get("/calls")
def which(visit: Visit = needs(Permission.CALL_TAKE, Permission.CALLS_READ)) -> Response:
    """The campaigns that are called for now."""
    found = []
    for name, _ in campaigns(visit.database):
        dossier = find(visit.database, name)
        told = plans_told(visit.database, dossier)
        if dossier.running(ContactPlanKind.name) is None or not _has_calls(told[-1].content if told else {}):
            continue
        found.append({"title": title_told(told, name), "name": in_address(name)})
    return page(visit, "calls.html", ENTRY, campaigns=found, calls=visit.may(Permission.CALL_TAKE))


@router.get("/calls/{name}")
def between(name: str, visit: Visit = needs(Permission.CALL_TAKE)) -> Response:
    """Between two calls: one key to the next."""
    return _between(visit, name, [])


@router.post("/calls/{name}/next")
def following(name: str, visit: Visit = needs(Permission.CALL_TAKE)) -> Response:
    """Whom to call: the contact that the agent holds, else the next."""
    with visit.workplace.warehouse() as warehouse:
        found = next_call(warehouse, visit.database, name, visit.person.name, visit.now)
    if isinstance(found, NobodyNow):
        return _between(visit, name, words.nobody(found, visit.local))
    return _call(visit, found, None)


@router.post("/calls/{name}/done")
def told(
    name: str,
    contact: Annotated[int, Form()],
    result: Annotated[CallResult, Form()],
    call_back: Annotated[str, Form(max_length=40)] = "",
    order: Annotated[str, Form(max_length=200)] = "",
    reference: Annotated[str, Form(max_length=200)] = "",
    visit: Visit = needs(Permission.CALL_TAKE),
) -> Response:
    """What became of a call. Where it cannot be taken down so, the same call again, with the reason."""
    now, agent = visit.now, visit.person.name
    try:
        outcome = Outcome(
            result=result,
            call_back=parse_time(call_back.replace("T", " "), now) if call_back else None,
            offer=order or None,
            reference=reference.strip() or None,
        )
        done = record_call(visit.database, contact, agent, outcome, now)
    except TelewaveError as error:
        return _refused(visit, name, error)
    return _between(visit, name, words.recorded(done, visit.local))


def _refused(visit: Visit, name: str, error: TelewaveError) -> Response:
    """The call that the agent still holds, with what was wrong."""
    with visit.workplace.warehouse() as warehouse:
        found = next_call(warehouse, visit.database, name, visit.person.name, visit.now)
    if isinstance(found, NobodyNow) or not found.again:
        raise error
    return _call(visit, found, error)


def _between(visit: Visit, name: str, said: list[Message]) -> Response:
    title = title_of(visit.database, find(visit.database, name))
    return page(visit, "between_calls.html", ENTRY, title=title, name=in_address(name), said=said)


def _call(visit: Visit, found: Given, error: TelewaveError | None) -> Response:
    number = number_shown(visit.workplace.home, found, visit.now)
    before = page_table(
        Message("Tried before"),
        words.BEFORE_COLUMNS,
        words.before_rows(found, visit.local),
        (),
        visit.language,
    )
    offers = [(key, Label(**one["name"])) for key, one in found.document["offers"].items()]
    return page(
        visit,
        "call.html",
        ENTRY,
        status=200 if error is None else error.status,
        title=Label(**found.document["title"]),
        name=in_address(found.row.campaign),
        error=error,
        found=found,
        number=number,
        until=None if found.row.held_until is None else f"{visit.local(found.row.held_until):%H:%M}",
        why=words.why(found, visit.local),
        script=words.script(found),
        before=before if before.rows else None,
        plain=[one for one in _keyed() if one["row"].effect not in (Effect.CALL_BACK, Effect.ORDER)],
        call_back=_of(Effect.CALL_BACK),
        ordered=_of(Effect.ORDER),
        offers=offers,
        now=f"{visit.now:%Y-%m-%dT%H:%M}",
    )


def _keyed() -> list[dict[str, Any]]:
    return [{"row": row, "key": key} for row, key in zip(TABLE, KEYS, strict=True)]


def _of(effect: Effect) -> dict[str, Any]:
    return next(one for one in _keyed() if _row(one).effect is effect)


def _row(one: dict[str, Any]) -> Row:
    row: Row = one["row"]
    return row


def _has_calls(content: Any) -> bool:
    return any(one["records"] in CALLS for one in content.get("channels", {}).values())
