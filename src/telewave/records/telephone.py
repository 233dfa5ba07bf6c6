"""One form for every telephone number, however it was written. Pure: a text
function, and the same as SQL over millions of rows.

The form is what is dialled at home, digits alone (13911112222, 01088888888); a number of another
country has its plus and country code (+85291234567). Only numbers are brought to it: account numbers,
names of users and short codes stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from telewave.kernel import Malformed

CHINA = "CN"
VERSION = 1
"""Of the rule: identities that were digested under another one are digested again at the next ingest."""


class UnknownCountry(Malformed):
    """There is no country {country!r} to read telephone numbers by. Write its two
    letters in TELEWAVE_COUNTRY, for example CN.
    """

    code = "unknown_country"


def form_of_country(country: str) -> str:
    """What a database remembers to know the form of its numbers by: the rule and the country."""
    return f"{VERSION}:{country}"


class Identifying(StrEnum):
    """What a column of outside identifiers holds."""

    AUTO = ""  # telephone numbers of the home country, and anything else
    PHONE = "phone"  # telephone numbers of all the world
    TEXT = "text"  # no telephone numbers


INVISIBLE = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
BLANK = " \t\r\n\u00a0\u2000-\u200a\u202f\u205f\u3000"
STROKES = "\\-\u2010-\u2015\u2212\ufe58\ufe63"
SEPARATORS = f"[{BLANK}{STROKES}()/·]"
FULL_WIDTH = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
PLAIN = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F))
FORMULA = r"""^= *["']([^"']*)["']$"""
APOSTROPHES = """^["'‘’`´]+|["'‘’`´]+$"""
"""How spreadsheets keep a number a text: ="139...", '139..., or in quotes."""
POINT = r"^([0-9]{1,15})[.]0+$"
"""An identifier that went through a column of floating numbers: fifteen digits survive it."""
COUNTED = "[+]?[0-9]{7,18}"
ENDS = " \t\r\n\u00a0\u3000"
WIDE_MOBILE = {"CN": "1[3-9][0-9]{9}"}
"""Blocks of mobile numbers by the country's plan, where the library's list lags behind those
given out (GB/T 32401, 11 digits from 13 to 19).
"""


_HALF_WIDTH = str.maketrans(FULL_WIDTH, PLAIN)


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberPlan:
    """How a country writes its numbers. Patterns are of national numbers without trunk
    prefix; trunks are what is written before them.
    """

    country: str
    code: str
    abroad: str
    trunk: str
    mobile: str
    mobile_trunk: str
    fixed: str
    fixed_trunk: str
    shortest: int
    mobile_digits: int | None

    @property
    def usual(self) -> str:
        """A pattern of mobile numbers that are in the form already: most of what there is."""
        return f"{self.mobile_trunk}(?:{self.mobile})"

    @property
    def mobiles(self) -> str:
        """A pattern of mobile numbers however prefixed; its group is the national number."""
        written = f"(?:[+]|{self.abroad}){self.code}{_maybe(self.trunk)}|{self.code}{_maybe(self.trunk)}"
        bare = _maybe(self.trunk) if not self.mobile_trunk else re.escape(self.mobile_trunk)
        return f"(?:{written}|{bare})({self.mobile})"

    @property
    def fixed_lines(self) -> str:
        """A pattern of fixed lines that were written as such, with area and trunk or country
        code; its group is the national number.
        """
        written = f"(?:[+]|{self.abroad}){self.code}{_maybe(self.trunk)}"
        return f"(?:{written}|{re.escape(self.fixed_trunk)})({self.fixed})"

    def settled(self, identifying: Identifying) -> str:
        """A pattern of common identifiers that nothing is changed in, told apart without more ado."""
        if identifying is Identifying.TEXT:
            return "[0-9A-Za-z_]+"
        fixed = (
            "|0(?:[2-9]|1[0-2])[0-9]{1,10}" if self.country == "CN" else ""
        )  # as dialled at home: area, number
        longest = self.shortest - 2 if identifying is Identifying.AUTO else 5
        mark = "_" if identifying is Identifying.AUTO else ""
        return f"[1-9A-Za-z{mark}][0-9A-Za-z{mark}]{{0,{longest}}}{fixed}"

    @property
    def foreign(self) -> str:
        """A pattern of what was written to be dialled from abroad, or to there."""
        return f"(?:[+]|{self.abroad})[0-9]+"


def _maybe(trunk: str) -> str:
    return f"(?:{re.escape(trunk)})?" if trunk else ""


@cache
def number_plan(country: str) -> NumberPlan:
    """How the country of these two letters writes its numbers. Raises `UnknownCountry`."""
    import phonenumbers

    found: Any = phonenumbers.PhoneMetadata.metadata_for_region(country, None)
    if found is None:
        raise UnknownCountry(country=country)
    lengths = _lengths(found, country)
    return NumberPlan(
        country=country,
        code=str(found.country_code),
        abroad=f"(?:{_portable(found.international_prefix or '00')})",
        trunk=found.national_prefix or "",
        mobile=WIDE_MOBILE.get(country) or _portable(found.mobile.national_number_pattern),
        mobile_trunk=_trunk(country, found.mobile.example_number),
        fixed=_portable(found.fixed_line.national_number_pattern),
        fixed_trunk=_trunk(country, found.fixed_line.example_number),
        shortest=len(str(found.country_code)) + min(lengths),
        mobile_digits=lengths[0] if len(lengths) == 1 else None,
    )


def _lengths(found: Any, country: str) -> tuple[int, ...]:
    """How many digits mobile numbers have, without prefixes."""
    return (
        (11,)
        if country in WIDE_MOBILE
        else tuple(found.mobile.possible_length or found.general_desc.possible_length)
    )


def _portable(pattern: str | None) -> str:
    """The pattern in what both Python and RE2 understand, ASCII digits only."""
    return (pattern or "[0-9]+").replace(r"\d", "[0-9]")


def _trunk(country: str, example: str | None) -> str:
    """What the country writes before a national number of this kind."""
    import phonenumbers

    if not example:
        return ""
    return _at_home(phonenumbers.parse(example, country)).removesuffix(example)


def _at_home(number: Any) -> str:
    import phonenumbers

    shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return re.sub("[^0-9]", "", shown)


def unadorned(text: str) -> str:
    r"""The text without invisible characters, a spreadsheet's marks and the point of a floating number.

    >>> unadorned('="139\u200b1111 2222"'), unadorned("'10010"), unadorned("17.0")
    ('1391111 2222', '10010', '17')
    """
    text = re.sub(f"[{INVISIBLE}]", "", text.translate(_HALF_WIDTH))
    text = re.sub(APOSTROPHES, "", re.sub(FORMULA, r"\1", text.strip(ENDS)))
    return re.sub(POINT, r"\1", text.strip(ENDS))


def normal_form(text: str, plan: NumberPlan, identifying: Identifying = Identifying.AUTO) -> str:
    """The one form of an outside identifier.

    >>> china = number_plan("CN")
    >>> written = "+86 139-1111-2222", "0086 10 8888 8888", "010-8888 8888", "10086", "8888-01"
    >>> [normal_form(text, china) for text in written]
    ['13911112222', '01088888888', '01088888888', '10086', '8888-01']
    """
    bare = unadorned(text)
    if identifying is Identifying.TEXT:
        return bare
    compact = re.sub(SEPARATORS, "", bare)
    if found := re.fullmatch(plan.mobiles, compact):
        return plan.mobile_trunk + found[1]
    if plan.fixed_trunk and (found := re.fullmatch(plan.fixed_lines, compact)):
        return plan.fixed_trunk + found[1]
    if not re.fullmatch(asked_pattern(plan, identifying), compact) and not (
        bare != compact and re.fullmatch(COUNTED, compact)
    ):
        return bare
    return _looked_up(bare, compact, plan, identifying)


def asked_pattern(plan: NumberPlan, identifying: Identifying) -> str:
    """A pattern of digits without separators of which only the library can say what they are.

    Digits alone that begin with neither plus nor a prefix for calls abroad are an identifier as it stands, unless the
    column is said to hold telephone numbers.
    """
    abroad = f"(?:[+]|{plan.abroad})"
    if identifying is Identifying.PHONE:
        return f"{abroad}[0-9]{{7,18}}|[1-9][0-9]{{8,17}}"
    return f"{abroad}{plan.code}[0-9]{{5,14}}"


@lru_cache(100_000)
def _looked_up(bare: str, compact: str, plan: NumberPlan, identifying: Identifying) -> str:
    """What the library makes of it, if it is a valid number; else the text itself.

    Of what was written as a national number, prefixes are only taken away: 10-88888888 may as well be an account.
    """
    import phonenumbers

    try:
        number = phonenumbers.parse(compact, plan.country)
    except phonenumbers.NumberParseException:
        return bare
    if number.extension or not phonenumbers.is_valid_number(number):
        return bare
    home = str(number.country_code) == plan.code
    if not home:
        whole = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        return str(whole) if identifying is Identifying.PHONE else bare
    form = _at_home(number)
    international = re.fullmatch(plan.foreign, compact) is not None
    taken_away = compact.endswith(form)
    return form if international or taken_away or identifying is Identifying.PHONE else bare


def spellings(
    written: Iterable[str], plan: NumberPlan, identifying: Identifying = Identifying.AUTO
) -> dict[str, str]:
    """The normal form of each distinct text."""
    return {text: normal_form(text, plan, identifying) for text in written}
