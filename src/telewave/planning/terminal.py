"""What commands about plans share: a campaign's file opened as of a date, and where its plan's document goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from telewave.kernel import Message
from telewave.platform.days import parse_day
from telewave.platform.terminal import Session

if TYPE_CHECKING:
    from telewave.briefs.model import Brief
    from telewave.features.model import WideTable


def opened(session: Session, file: Path, as_of: str) -> tuple[Brief, WideTable]:
    """The campaign with what was learnt, and the wide table of the date."""
    from telewave.briefs.campaign_file import load_campaign
    from telewave.features.usecases import open_wide
    from telewave.planning.usecases import learnt

    return learnt(session.settings.home, load_campaign(file)), open_wide(session.warehouse, parse_day(as_of))


def say_submit(session: Session, document: Path, name: str) -> None:
    """Where the document is, and that a second person is next."""
    session.say(
        Message(
            (
                "The document is in {path}. Put it before a second person: telewave campaign submit {name} "
                "--plan {path} --by YOU"
            ),
            path=document,
            name=name,
        )
    )
