"""Commands of `audiences`: audience define, count, explain, show, list, snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from telewave.kernel import Figure, Malformed, Message
from telewave.platform.command_line import SubscriberNumber
from telewave.platform.days import parse_day
from telewave.platform.terminal import Session, TableCell, spoken

if TYPE_CHECKING:
    from telewave.audiences.model import Version
    from telewave.features.model import WideTable


class WhatToCount(Malformed):
    """Say where to count: either --as-of with a date, or --samples with the name of an outside table."""

    code = "what_to_count"


Name = Annotated[str, typer.Argument(help=spoken("Name of the audience."))]
RuleText = Annotated[str, typer.Argument(help=spoken("Rule, in the rule language or as JSON."))]
NameOrRule = Annotated[str, typer.Argument(help=spoken("Name of an audience, or a rule."))]
AsOf = Annotated[str, typer.Option("--as-of", help=spoken("As-of date of the wide table, year-month-day."))]
Samples = Annotated[
    str, typer.Option("--samples", help=spoken("Name of an outside table instead of the wide table."))
]
VersionNumber = Annotated[
    int | None, typer.Option("--version", help=spoken("Version; the newest if not given."), min=1)
]


def register(app: typer.Typer) -> None:
    """Add the group of commands to `app`."""
    group = typer.Typer(no_args_is_help=True, help=spoken("Audiences: rules, saved in versions."))
    group.command(
        "define", help=spoken("Save a rule under a name, as a new version if it says something new.")
    )(define_command)
    group.command("count", help=spoken("Count who is in an audience, or of whom a rule is true."))(
        count_command
    )
    group.command("explain", help=spoken("Say why one subscriber is in an audience or out of it."))(
        explain_command
    )
    group.command("show", help=spoken("Show an audience's versions and snapshots."))(show_command)
    group.command("list", help=spoken("List all audiences."))(list_command)
    group.command("snapshot", help=spoken("Freeze who is in an audience as of a date."))(snapshot_command)
    app.add_typer(group, name="audience")


def define_command(context: typer.Context, name: Name, rule: RuleText, samples: Samples = "") -> None:
    """Read, check, save."""
    from telewave.audiences.reading import read_rule
    from telewave.audiences.scope import scope_of_wide
    from telewave.audiences.usecases import define
    from telewave.features.usecases import open_samples

    session: Session = context.obj
    scope = scope_of_wide(open_samples(session.warehouse, samples)) if samples else None
    done = define(session.database, name, read_rule(rule), session.clock.now(), scope)
    template = (
        Message("{name}, version {version}, saved: {rule}", **_told(done.version))
        if done.changed
        else Message("{name} says that already, in version {version}: {rule}", **_told(done.version))
    )
    session.say(template)


def count_command(
    context: typer.Context, audience: NameOrRule, as_of: AsOf = "", samples: Samples = ""
) -> None:
    """Count, and say of how many."""
    from telewave.audiences.reading import read_rule
    from telewave.audiences.usecases import count, is_name

    session: Session = context.obj
    wide = _opened(session, as_of, samples)
    chosen = audience if is_name(audience) else read_rule(audience)
    found = count(session.warehouse, session.database, chosen, wide)
    total = int(
        session.warehouse.engine.fetch(wide.relation.aggregate(n=wide.relation.count()))["n"][0].as_py()
    )
    share = f"{found / total:.1%}" if total else "-"
    session.say(
        Message("{members} of {total} ({share})", members=f"{found:,}", total=f"{total:,}", share=share)
    )


def explain_command(
    context: typer.Context, audience: NameOrRule, as_of: AsOf, subscriber: SubscriberNumber
) -> None:
    """Judge one subscriber, and show each part of the rule with its answer."""
    from telewave.audiences.explaining import explain
    from telewave.audiences.reading import read_rule
    from telewave.audiences.report import judged_rows
    from telewave.audiences.usecases import is_name
    from telewave.features.usecases import open_wide
    from telewave.records.identities import number_of
    from telewave.records.key_keeping import open_keys
    from telewave.records.numbering import lines_of

    session: Session = context.obj
    day = parse_day(as_of)
    chosen = audience if is_name(audience) else read_rule(audience)
    number = number_of(
        session.database,
        open_keys(session.settings.keys, session.database, create=False),
        subscriber,
        session.settings.country,
        lines=lines_of(session.warehouse),
    )
    found = explain(session.warehouse, session.database, chosen, open_wide(session.warehouse, day), number)
    template = (
        Message("Subscriber {subscriber} is in the audience as of {as_of}.", subscriber=subscriber, as_of=day)
        if found.answer
        else Message(
            "Subscriber {subscriber} is not in the audience as of {as_of}.", subscriber=subscriber, as_of=day
        )
    )
    session.say(template)
    columns = (Message("Part of the rule"), Message("True of the subscriber"), Message("On record"))
    session.table(Message("Why"), columns, list(judged_rows(session, found)))


def show_command(context: typer.Context, name: Name, version: VersionNumber = None) -> None:
    """Every version and snapshot, or one version; in JSON its rule as a tree as well."""
    from telewave.audiences.language import rule_text
    from telewave.audiences.reading import to_json
    from telewave.audiences.store import snapshots, versions
    from telewave.audiences.usecases import find_version

    session: Session = context.obj
    found = find_version(session.database, name, version)
    session.attach("rule", to_json(found.rule))
    shown = [found] if version is not None else versions(session.database, name)
    rows: list[tuple[TableCell, ...]] = [
        (v.version, Figure(v.created_at, f"{v.created_at:%Y-%m-%d %H:%M} UTC"), rule_text(v.rule))
        for v in shown
    ]
    session.table(
        Message("Versions of {name}", name=name),
        (Message("Version"), Message("Saved"), Message("Rule")),
        rows,
    )
    taken: list[tuple[TableCell, ...]] = [
        (s.as_of, s.version, s.members, Figure(s.taken_at, f"{s.taken_at:%Y-%m-%d %H:%M} UTC"))
        for s in snapshots(session.database, name)
    ]
    if taken:
        columns = (Message("As of"), Message("Version"), Message("Members"), Message("Taken"))
        session.table(Message("Frozen memberships"), columns, taken)


def list_command(context: typer.Context) -> None:
    """One line an audience."""
    from telewave.audiences.language import rule_text
    from telewave.audiences.usecases import audiences

    session: Session = context.obj
    found = audiences(session.database)
    if not found:
        session.say(Message("There are no audiences yet. Save one with: telewave audience define NAME RULE"))
        return
    rows: list[tuple[TableCell, ...]] = [
        (
            each.newest.name,
            each.newest.version,
            rule_text(each.newest.rule),
            Figure(
                {s.as_of.isoformat(): s.members for s in each.snapshots},
                ", ".join(f"{s.as_of.isoformat()}: {s.members:,}" for s in each.snapshots),
            ),
        )
        for each in found
    ]
    columns = (Message("Audience"), Message("Version"), Message("Rule"), Message("Frozen memberships"))
    session.table(Message("Audiences"), columns, rows)


def snapshot_command(context: typer.Context, name: Name, as_of: AsOf, version: VersionNumber = None) -> None:
    """Freeze, and say how many."""
    from telewave.audiences.usecases import snapshot
    from telewave.features.usecases import open_wide

    session: Session = context.obj
    wide = open_wide(session.warehouse, parse_day(as_of))
    with session.progress.step(Message("Freezing {name}", name=name)):
        taken = snapshot(session.warehouse, session.database, name, wide, session.clock.now(), version)
    session.say(
        Message(
            "{members} members of {name}, version {version}, frozen as of {as_of}.",
            members=f"{taken.members:,}",
            name=taken.name,
            version=taken.version,
            as_of=taken.as_of.isoformat(),
        )
    )


def _opened(session: Session, as_of: str, samples: str) -> WideTable:
    from telewave.features.usecases import open_samples, open_wide

    if bool(as_of) == bool(samples):
        raise WhatToCount
    if samples:
        return open_samples(session.warehouse, samples)
    return open_wide(session.warehouse, parse_day(as_of))


def _told(version: Version) -> dict[str, Any]:
    from telewave.audiences.language import rule_text

    return {"name": version.name, "version": version.version, "rule": rule_text(version.rule)}
