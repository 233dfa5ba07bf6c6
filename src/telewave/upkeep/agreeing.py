"""Whether either store has forgotten what the other still relies on: numbers, reveals, plans,
control groups, approvals, audiences, models.

An emptied table of the database breaks no file, and would be noticed late: when somebody is
numbered anew, held out no longer, or called twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from telewave.approvals.usecases import gone
from telewave.audiences.usecases import forgotten_audiences
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.kernel import Message
from telewave.models.usecases import unregistered_models
from telewave.planning.plans import SHOWN_DIGITS, plans_apart
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse
from telewave.records.healing import numbering_left, reveals_without_names

MOST_NAMED = 3


def numbers_lost(warehouse: Warehouse, database: Database) -> Iterator[Message]:
    """What the database forgot of whose number is which, and of who saw them."""
    left = numbering_left(warehouse, database)
    if left.lost > 0:
        yield Message(
            (
                "{count} subscriber numbers are in use of which the database no longer knows whose they are "
                "(its table identities was emptied, or is older than the warehouse). Restore the database from "
                "the backup, and ingest nothing before."
            ),
            count=left.lost,
        )
    if not left.next_known:
        yield Message(
            "The database no longer knows which subscriber number comes next (its table numbering was "
            "emptied). Restore it from the backup."
        )
    if count := reveals_without_names(database):
        yield Message(
            (
                "Of {count} reveals it is no longer on record whose numbers were shown (table revealed). "
                "Restore the database from the backup."
            ),
            count=count,
        )


def plans_lost(warehouse: Warehouse, database: Database) -> Iterator[Message]:
    """Plans without rows, rows without plans, control groups that nobody knows, steps that are gone."""
    apart, left = plans_apart(warehouse, database), gone(database, ContactPlanKind.name)
    if apart.unknown:
        yield Message(
            (
                "The warehouse keeps rows of plans that the database does not know: {which}. Restore the "
                "database from the backup."
            ),
            which=_named([one[:SHOWN_DIGITS] for one in apart.unknown]),
        )
    if apart.rowless:
        yield Message(
            (
                "The database knows plans whose rows the warehouse does not have: {which}. Restore the "
                "warehouse from the backup."
            ),
            which=_named([one[:SHOWN_DIGITS] for one in apart.rowless]),
        )
    if apart.undrawn:
        yield Message(
            (
                "It is not known who was drawn for the control group of {which}: the next plan would draw "
                "anew, and call people who are to be left alone. Restore the warehouse from the backup."
            ),
            which=_named(apart.undrawn),
        )
    if left.plans:
        yield Message(
            "Plans were submitted that the database does not know: {which}. Restore it from the backup.",
            which=_named(left.plans),
        )
    if left.steps:
        yield Message(
            (
                "Of plans or campaigns it is not known who submitted, approved and launched them: {which}. "
                "Restore the database from the backup."
            ),
            which=_named(left.steps),
        )


def definitions_lost(warehouse: Warehouse, database: Database, models: Path) -> Iterator[Message]:
    """Audiences and models that one place knows and the other does not."""
    if names := forgotten_audiences(warehouse, database):
        yield Message(
            (
                "Audiences whose definition, date or members are gone: {which}. Restore database and warehouse "
                "from backups of one day; freezing again replaces members that no date is noted of."
            ),
            which=_named(names),
        )
    if lying := unregistered_models(models, database):
        yield Message(
            (
                "Models that lie in the models folder and are not in the registry: {which}. Restore the "
                "database from the backup, or train them again and remove these folders."
            ),
            which=_named(lying),
        )


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    return shown if len(names) <= MOST_NAMED else f"{shown} … ({len(names)})"
