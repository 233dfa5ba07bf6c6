"""Shares as a person writes them."""

from __future__ import annotations

import re

from telewave.kernel import Malformed


class NotAShare(Malformed):
    """{text} is not a share. Write it as 5% or 0.05."""

    code = "not_a_share"


def parse_share(text: str) -> float:
    """A share written `5%` or `0.05`. Raises `NotAShare`.

    >>> parse_share("0.2 %"), parse_share("0.05")
    (0.002, 0.05)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)\s*([%％]?)", text.strip())
    if found is None:
        raise NotAShare(text=text)
    return float(found[1]) / 100 if found[2] else float(found[1])
