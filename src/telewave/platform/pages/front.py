"""The front page: a tile for each page beside it, with one number and one sentence."""

from __future__ import annotations

from dataclasses import dataclass

from telewave.kernel import Label, Message
from telewave.platform.languages import Language
from telewave.platform.pages.places import ALONE, Place
from telewave.platform.pages.rendering import rendered

Words = Message | Label | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A page in short. `page`: which one, by the name that its place gives it; `figure` counts what `unit` says."""

    page: str
    name: Message
    figure: Words
    unit: Words
    sentence: Words


def front_page(
    title: Words, tiles: list[Tile], language: Language, *, simulated: bool = False, place: Place = ALONE
) -> str:
    """The whole page in `language`; a tile leads to the address `page.language.html` beside it."""
    return rendered(
        "telewave.platform.pages",
        "front.html",
        language,
        place=place,
        title=title,
        tiles=tiles,
        simulated=simulated,
    )
