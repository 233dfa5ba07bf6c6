"""Sign in and out, one's own password, the language."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from telewave.access.model import (
    PasswordGuessable,
    PasswordsDiffer,
    PasswordTooLong,
    PasswordTooShort,
    SignInRefused,
    TooManyTries,
)
from telewave.access.usecases import Ticket, change_password, sign_in, sign_out
from telewave.console.frame import done, page, within
from telewave.console.visit import LANGUAGE_COOKIE, AnyVisit, SignedIn, cookie_of
from telewave.kernel import TelewaveError

router = APIRouter()


@router.get("/sign-in")
def form(visit: AnyVisit, to: str = "/") -> Response:
    """Name and password."""
    if visit.sitting is not None:
        return RedirectResponse(within(to), 303)
    return page(visit, "sign_in.html", "", error=None, name="", to=within(to))


@router.post("/sign-in")
def signed(
    request: Request,
    visit: AnyVisit,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "/",
) -> Response:
    """A new session, or why not."""
    try:
        ticket = sign_in(visit.database, name, password, visit.address, visit.now)
    except (SignInRefused, TooManyTries) as error:
        values = {"error": error, "name": name[:200], "to": within(to)}
        return page(visit, "sign_in.html", "", status=error.status, **values)
    if visit.token:
        sign_out(visit.database, visit.token)
    return _seated(request, done("/password" if ticket.person.one_time else within(to)), ticket)


@router.post("/sign-out")
def out(request: Request, visit: SignedIn) -> Response:
    """The session ends."""
    sign_out(visit.database, visit.token)
    answer = done("/sign-in")
    answer.delete_cookie(cookie_of(request), path="/", secure=_encrypted(request), httponly=True)
    return answer


@router.get("/password")
def password_form(visit: SignedIn) -> Response:
    """Old and new."""
    return _password_page(visit, None)


@router.post("/password")
def password_changed(
    request: Request,
    visit: SignedIn,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Changed, or why not."""
    try:
        ticket = change_password(visit.database, visit.ticket, old, (new, again), visit.address, visit.now)
    except (
        SignInRefused,
        TooManyTries,
        PasswordsDiffer,
        PasswordTooShort,
        PasswordTooLong,
        PasswordGuessable,
    ) as error:
        return _password_page(visit, error)
    return _seated(request, done("/", "password"), ticket)


@router.get("/language")
def language(request: Request, to: Literal["zh", "en"], back: str = "/") -> Response:
    """The language of all pages in this browser."""
    answer = RedirectResponse(within(back), 303)
    year = 365 * 24 * 3600
    answer.set_cookie(
        LANGUAGE_COOKIE, to, max_age=year, path="/", secure=_encrypted(request), httponly=True, samesite="lax"
    )
    return answer


def _password_page(visit: SignedIn, error: TelewaveError | None) -> Response:
    status = 200 if error is None else error.status
    return page(visit, "password.html", "", status=status, error=error)


def _seated(request: Request, answer: Response, ticket: Ticket) -> Response:
    answer.set_cookie(
        cookie_of(request),
        ticket.token,
        path="/",
        secure=_encrypted(request),
        httponly=True,
        samesite="lax",
    )
    return answer


def _encrypted(request: Request) -> bool:
    return request.url.scheme == "https"
