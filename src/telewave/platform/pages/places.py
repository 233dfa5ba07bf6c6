"""Where a page stands among others: its siblings, and the same page in the other language."""

from __future__ import annotations

from dataclasses import dataclass

from telewave.kernel import Label, Message


@dataclass(frozen=True, slots=True)
class Link:
    """A page by its name and its address relative to its siblings."""

    name: Message | Label | str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The pages beside this one in order (this one included), the address of this one,
    and that of the other language's (or none). `assets`: the address under which a server has styles, script and chart
    library; empty: the page holds them itself.
    """

    siblings: tuple[Link, ...] = ()
    here: str = ""
    other_language: str = ""
    assets: str = ""


ALONE = Place()
"""A page by itself: it leads nowhere."""
