"""What stands before every page: where a request comes from, how long it is, and what browsers may do with an answer.

A form is taken only from a page of this very server (Sec-Fetch-Site, else Origin), so that no other site can act for
somebody who is signed in. Source: OWASP, Cross-Site Request Forgery Prevention, "Fetch Metadata headers".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from telewave.kernel import Forbidden, Malformed

Scope: TypeAlias = MutableMapping[str, Any]
Event: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Refusal: TypeAlias = Callable[[Scope, Exception], App]
"""Makes an answer of an error, also of one that was not foreseen."""

LONGEST_FORM = 64 * 1024
SAFE = ("GET", "HEAD")
HEADERS = (
    (
        b"content-security-policy",
        (
            b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            b"font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        ),
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
"""No script stands in a page; charts set styles on their elements."""


class FromAnotherSite(Forbidden):
    """This form was not sent by a page of this console, so nothing was done. Open the page anew in the console, and
    send it from there.
    """

    code = "from_another_site"


class FormTooLong(Malformed):
    """What was sent is longer than 64 kB, so nothing was done. Shorten the remark, and send it again."""

    code = "form_too_long"
    status = 413


class Guard:
    """Before an application: refuses what comes from other sites or is too long, and adds `HEADERS`; pages are not kept
    by browsers (`cache-control`), unless the answer says otherwise.
    """

    def __init__(self, app: App, refusal: Refusal) -> None:
        self._app, self._refusal = app, refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI asks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        begun = False

        async def sent(event: Event) -> None:
            nonlocal begun
            if event["type"] == "http.response.start":
                begun = True
                event["headers"] = _with_headers(event.get("headers", []), secure=scope["scheme"] == "https")
            await send(event)

        told = dict(scope["headers"])
        if scope["method"] not in SAFE and not _is_ours(told):
            await self._refusal(scope, FromAnotherSite())(scope, receive, sent)
            return
        body = await _body(receive, told)
        if body is None:
            await self._refusal(scope, FormTooLong())(scope, receive, sent)
            return
        try:
            await self._app(scope, _again(body, receive), sent)
        except Exception as error:
            if begun:
                raise
            await self._refusal(scope, error)(scope, receive, sent)


def _is_ours(told: dict[bytes, bytes]) -> bool:
    """Whether a request that changes something was sent by one of our pages."""
    if (site := told.get(b"sec-fetch-site")) is not None:
        return site == b"same-origin"
    origin, host = told.get(b"origin", b""), told.get(b"host", b"")
    return host != b"" and origin in (b"http://" + host, b"https://" + host)


async def _body(receive: Receive, told: dict[bytes, bytes]) -> bytes | None:
    """What was sent; None: it is too long."""
    length = told.get(b"content-length", b"0")
    if not length.isdigit() or int(length) > LONGEST_FORM:
        return None
    body, more = b"", True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            break
        body += event.get("body", b"")
        more = event.get("more_body", False)
        if len(body) > LONGEST_FORM:
            return None
    return body


def _again(body: bytes, receive: Receive) -> Receive:
    """The body that was read, then whatever else comes."""
    waiting = [body]

    async def received() -> Event:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return received


def _with_headers(headers: list[tuple[bytes, bytes]], *, secure: bool) -> list[tuple[bytes, bytes]]:
    given = {name.lower() for name, _ in headers}
    more = [*HEADERS, (b"cache-control", b"no-store")]
    if secure:
        more.append((b"strict-transport-security", b"max-age=31536000"))
    return [*headers, *(one for one in more if one[0] not in given)]
