"""`telewave serve`: the console in a browser. Assembly only."""

from __future__ import annotations

from pathlib import Path
from socket import AF_INET, AF_INET6, SO_REUSEADDR, SOL_SOCKET, socket
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Conflict, Malformed, Message
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

Host = Annotated[
    str, typer.Option("--host", help=spoken("Address to listen at; 0.0.0.0: all addresses of this machine."))
]
Port = Annotated[
    int, typer.Option("--port", min=0, max=65535, help=spoken("Port to listen at; 0: any that is free."))
]
Certificate = Annotated[
    Path | None,
    typer.Option("--certificate", help=spoken("Certificate of the server (PEM), for encrypted connections.")),
]
Key = Annotated[Path | None, typer.Option("--key", help=spoken("Private key of the certificate (PEM)."))]
Simulated = Annotated[
    bool, typer.Option("--simulated", help=spoken("Say on every page that its data is simulated."))
]
DemoPeople = Annotated[
    bool,
    typer.Option(
        "--demo-people",
        help=spoken("Add one person for each role and show their passwords; with --simulated."),
    ),
]
At = Annotated[
    str,
    typer.Option(
        "--at",
        help=spoken('What time it is when the console starts, such as "2026-07-09 10:00"; with --simulated.'),
    ),
]
LOCAL = ("127.0.0.1", "::1", "localhost")


class NobodyCanSignIn(Conflict):
    """Nobody can sign in yet, so there is nothing to serve. Add the first person: telewave people add NAME --roles
    administrator --by NAME
    """

    code = "nobody_can_sign_in"


class OnlyForSimulatedData(Malformed):
    """{option} is for simulated data only. Add --simulated, which then stands on every page; or leave {option} out."""

    code = "only_for_simulated_data"


class CannotListen(Conflict):
    """The console cannot listen at {host}, port {port}: {cause}. End what listens there, or name another port with
    --port.
    """

    code = "cannot_listen"


class CertificateUnusable(Malformed):
    """The certificate and its key cannot be used: {cause}. Give both as PEM files that belong together: --certificate
    FILE --key FILE
    """

    code = "certificate_unusable"


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("serve", help=spoken("Open the console in a browser: campaigns, calls, people, audit."))(
        serve_command
    )


def serve_command(
    context: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = 8600,
    certificate: Certificate = None,
    key: Key = None,
    simulated: Simulated = False,
    demo_people: DemoPeople = False,
    at: At = "",
) -> None:
    """Listen until the process is told to end."""
    import uvicorn

    from telewave.access.usecases import everybody
    from telewave.campaign_group import plan_kinds
    from telewave.console.app import console
    from telewave.console.visit import Workplace

    session: Session = context.obj
    for option, given in (("--demo-people", demo_people), ("--at", bool(at))):
        if given and not simulated:
            raise OnlyForSimulatedData(option=option)
    now = _clock(session, at)
    if demo_people:
        _add_demo_people(session, now())
    if not any(one.locked_at is None for one in everybody(session.database)):
        raise NobodyCanSignIn
    _see_certificate(certificate, key)
    place = Workplace(home=session.home, kinds=plan_kinds(), simulated=simulated, now=now)
    app = console(place)
    listening = listening_at(host, port)
    scheme = "http" if certificate is None else "https"
    session.say(
        Message(
            "The console is at {address}; Ctrl+C ends it.",
            address=f"{scheme}://{_shown(host)}:{listening.getsockname()[1]}/",
        ),
        style="bold",
    )
    if certificate is None and host not in LOCAL:
        session.say(
            Message(
                "Connections are not encrypted: passwords can be read on the way. Give --certificate and --key, or "
                "let a proxy on this machine encrypt."
            ),
            style="yellow",
        )
    config = uvicorn.Config(
        app,
        log_level="warning",
        server_header=False,
        forwarded_allow_ips="127.0.0.1",
        ssl_certfile=certificate,
        ssl_keyfile=key,
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _clock(session: Session, at: str) -> Callable[[], datetime]:
    """The operator's clock; from `at` on, where the data is simulated."""
    from telewave.outbound.timing import parse_time

    clock = session.clock
    if not at:
        return clock.now
    started = clock.now()
    ahead = parse_time(at, started) - started
    return lambda: clock.now() + ahead


def _add_demo_people(session: Session, now: datetime) -> None:
    """One for each role that nobody has."""
    from telewave.access.roles import Role
    from telewave.access.usecases import add_person, everybody

    taken = {role for one in everybody(session.database) for role in one.roles}
    rows = []
    for role in Role:
        if role not in taken:
            name = session.text(role.label)
            rows.append((name, role.label, add_person(session.database, name, [role], "telewave serve", now)))
    if rows:
        session.table(
            Message("People of this demo; the passwords are shown here only"),
            [Message("Name"), Message("Roles"), Message("Password to use once")],
            rows,
        )


def _see_certificate(certificate: Path | None, key: Path | None) -> None:
    import ssl

    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        raise CertificateUnusable(cause="--certificate, --key")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except (OSError, ValueError) as cause:
        raise CertificateUnusable(cause=str(cause)) from cause


def listening_at(host: str, port: int) -> socket:
    """A socket that is bound there. Raises `CannotListen`."""
    family = AF_INET6 if ":" in host else AF_INET
    made = socket(family)
    made.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as cause:
        made.close()
        raise CannotListen(host=host, port=port, cause=cause.strerror or str(cause)) from cause
    return made


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
