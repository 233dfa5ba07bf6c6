"""Identities that were digested in another form of their numbers are digested again, in the one of today
(docs/adr/0038).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from telewave.kernel import Conflict, Message
from telewave.platform.database import Database
from telewave.records import store
from telewave.records.sealing import Keys
from telewave.records.telephone import form_of_country, normal_form, number_plan


class OtherCountry(Conflict):
    """The telephone numbers of this home are those of the country {found}, and TELEWAVE_COUNTRY says {given}. Set it to
    {found}; for another country use another home folder (TELEWAVE_HOME).
    """

    code = "other_country"


@dataclass(frozen=True, slots=True)
class Respelled:
    """An identity under its normal form. `twin`: who has that form already, under whom the
    person is known from now on; None for nobody.
    """

    number: int
    digest: str
    text: str
    twin: int | None = None


def respelled(opened: Iterable[tuple[int, str, str]], keys: Keys, country: str) -> list[Respelled]:
    """Those of `opened` (number, digest, identifier) whose form is another by now, in the order of their numbers. Pure.

    Of several who have one form by now, the lowest number keeps it, unless it was somebody's already.
    """
    plan = number_plan(country)
    held: dict[str, int] = {}
    found: list[tuple[int, str, str]] = []
    for number, digest, text in opened:
        form = normal_form(text, plan)
        if form == text:
            held[digest] = number
        else:
            found.append((number, keys.digest_of(form), form))
    made = []
    for number, digest, form in sorted(found):
        twin = held.setdefault(digest, number)
        made.append(Respelled(number, digest, form, None if twin == number else twin))
    return made


def bring_up(con: Any, database: Database, keys: Keys, country: str, *, dry: bool) -> list[Message]:
    """Digest the identities again whose form is another by now, and say what was done. Raises `OtherCountry`.

    `dry`: for this run only, in the relations `identity` and `asked` of the connection.
    """
    wanted, found = form_of_country(country), store.number_form(database)
    if found is not None and found.partition(":")[2] != country:
        raise OtherCountry(found=found.partition(":")[2], given=country)
    if found == wanted:
        return []
    openers = keys.opener()
    opened = ((n, digest, openers(n, sealed)) for n, digest, sealed in store.every_identity(database))
    changed = respelled(opened, keys, country)
    alone = [one for one in changed if one.twin is None]
    if dry:
        _for_this_run(con, alone)
    else:
        rows = ((one.number, one.digest, keys.sealed(one.number, one.text)) for one in alone)
        store.respell(database, rows, wanted)
    return _told(len(alone), len(changed) - len(alone))


def _for_this_run(con: Any, alone: list[Respelled]) -> None:
    if not alone:
        return
    page = pa.table(
        {
            "digest": [one.digest for one in alone],
            "number": pa.array([one.number for one in alone], pa.int32()),
        }
    )
    con.register("page", page)
    con.execute("INSERT INTO identity SELECT digest, number FROM page")
    con.execute("INSERT INTO asked SELECT digest FROM page")
    con.unregister("page")


def _told(alone: int, twins: int) -> list[Message]:
    told = []
    if alone:
        told.append(
            Message(
                "{count} subscribers were known by another spelling of their number. They are known by its "
                "one form from now on.",
                count=f"{alone:,}",
            )
        )
    if twins:
        told.append(
            Message(
                "{count} subscribers had been numbered twice, under two spellings of one telephone number. "
                "To make each of them one again, ingest the files of before once more: "
                "the subscribers first, then the other tables. Each file takes the place of its own rows.",
                count=f"{twins:,}",
            )
        )
    return told
