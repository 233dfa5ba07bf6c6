"""`telephone.normal_form` as SQL expressions over millions of rows; what only the library
knows is looked up once a distinct text. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from telewave.records.telephone import (
    APOSTROPHES,
    COUNTED,
    ENDS,
    FORMULA,
    FULL_WIDTH,
    INVISIBLE,
    PLAIN,
    POINT,
    SEPARATORS,
    Identifying,
    NumberPlan,
    asked_pattern,
)

QUOTES = "'\"=‘’`´＇＂＝"
LEFT_OUT = "'\"=‘’`´ -()\u00a0\u3000\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff"
"""What may stand before a number, and is no part of it."""


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def fully(text: str, pattern: str) -> str:
    """Whether all of `text` is of the pattern."""
    return f"regexp_full_match({text}, {_literal(pattern)})"


def half_width(text: str) -> str:
    """`text` with full-width characters made plain; bytes are compared with characters, since most texts have none."""
    plain = f"translate({text}, {_literal(FULL_WIDTH)}, {_literal(PLAIN)})"
    return f"CASE WHEN strlen({text}) = length({text}) THEN {text} ELSE {plain} END"


def unadorned(text: str) -> str:
    """`telephone.unadorned`."""
    seen = f"regexp_replace({half_width(text)}, {_literal(f'[{INVISIBLE}]')}, '', 'g')"
    bare = f"regexp_replace(trim({seen}, {_literal(ENDS)}), {_literal(FORMULA)}, '\\1')"
    bare = f"regexp_replace({bare}, {_literal(APOSTROPHES)}, '', 'g')"
    return f"regexp_replace(trim({bare}, {_literal(ENDS)}), {_literal(POINT)}, '\\1')"


@dataclass(frozen=True, slots=True)
class IdentifierForm:
    """The expressions for one column of outside identifiers."""

    plan: NumberPlan
    identifying: Identifying

    def usual(self, text: str) -> str:
        """Whether `text` is in the form already, as most are: nothing else needs to be asked of it then."""
        settled = self.plan.settled(self.identifying)
        if self.identifying is Identifying.TEXT:
            return fully(text, settled)
        return fully(text, f"{self.plan.usual}|{settled}")

    def prefixed(self, text: str, usual: str) -> str:
        """Whether `text`, not in the form, is a mobile number with nothing but a prefix, blanks and hyphens before
        and in it: the commonest of the others.
        """
        if self.identifying is Identifying.TEXT or self.plan.mobile_digits is None:
            return "false"
        return f"CASE WHEN {usual} THEN false ELSE {fully(_without_blanks(text), self.plan.mobiles)} END"

    def repairs_of_prefixed(self, text: str) -> dict[str, str]:
        """What is done to a text that `prefixed` holds for: only these two."""
        bare = _without_blanks(text)
        digits = f"{self.plan.mobile_digits} + {len(self.plan.mobile_trunk)}"
        return {"number_separators": f"{bare} <> {text}", "number_prefix": f"strlen({bare}) <> {digits}"}

    def compact(self, text: str) -> str:
        """The unadorned text without separators."""
        return f"regexp_replace({unadorned(text)}, {_literal(SEPARATORS)}, '', 'g')"

    def form(self, text: str, looked_up: str = "NULL", usual: str = "", prefixed: str = "") -> str:
        """The normal form; `looked_up`: what the library says of those that `asks` holds for;
        `usual`, `prefixed`: where these are known.
        """
        usual = usual or self.usual(text)
        bare = f"coalesce({looked_up}, {unadorned(text)})"
        if self.identifying is Identifying.TEXT:
            return f"CASE WHEN {usual} THEN {text} ELSE {bare} END"
        whens = "".join(
            f" WHEN {fully(compact, pattern)} THEN {self._number(compact, pattern, trunk)}"
            for compact in (_without_blanks(text), self.compact(text))
            for pattern, trunk in self._rules()
        )
        if prefixed and self.plan.mobile_digits is not None:
            number = self._number(_without_blanks(text), self.plan.mobiles, self.plan.mobile_trunk)
            whens = f" WHEN {prefixed} THEN {number}{whens}"
        return f"CASE WHEN {usual} THEN {text}{whens} ELSE {bare} END"

    def _number(self, compact: str, pattern: str, trunk: str) -> str:
        number = f"regexp_extract({compact}, {_literal(f'^{pattern}$')}, 1)"
        if pattern == self.plan.mobiles and self.plan.mobile_digits is not None:
            number = f"right({compact}, {self.plan.mobile_digits})"
        return f"{_literal(trunk)} || {number}" if trunk else number

    def _rules(self) -> list[tuple[str, str]]:
        rules = [(self.plan.mobiles, self.plan.mobile_trunk)]
        if self.plan.fixed_trunk:
            rules.append((self.plan.fixed_lines, self.plan.fixed_trunk))
        return rules

    def asks(self, text: str) -> str:
        """Whether only the library can say what `text` is. The cheap questions come first."""
        compact = self.compact(text)
        known = "".join(
            f" WHEN {fully(one, pattern)} THEN false"
            for one in (_without_blanks(text), compact)
            for pattern, _ in self._rules()
        )
        separated = f"({unadorned(text)} <> {compact} AND {fully(compact, COUNTED)})"
        asked = f"({fully(compact, asked_pattern(self.plan, self.identifying))} OR {separated})"
        return f"CASE WHEN {self.usual(text)} THEN false{known} ELSE {asked} END"

    def repairs(self, written: str, form: str) -> dict[str, str]:
        """What was done to `written` to make it `form`, by the code of the repair; asked where they differ."""
        wide = f"strlen({written}) <> length({written})"
        begins = f"translate({half_width(written)}, {_literal(LEFT_OUT)}, '')"
        ascii_ones = " OR ".join(f"contains({written}, {_literal(sign)})" for sign in " -()")
        separated = f"({ascii_ones} OR ({wide} AND regexp_matches({written}, {_literal(SEPARATORS)})))"
        return {
            "full_width": f"CASE WHEN {wide} THEN regexp_matches({written}, '[\uff01-\uff5e]') ELSE false END",
            "invisible_characters": (
                f"CASE WHEN {wide} THEN regexp_matches({written}, {_literal(f'[{INVISIBLE}]')}) ELSE false "
                "END"
            ),
            "text_marks": f"left({written}, 1) IN ({', '.join(map(_literal, QUOTES))})",
            "decimal_point": f"contains({written}, '.') AND NOT contains({form}, '.')",
            "number_separators": (
                f"CASE WHEN {separated} THEN NOT regexp_matches({form}, {_literal(SEPARATORS)}) ELSE false "
                "END"
            ),
            "number_prefix": f"NOT starts_with({begins}, left({form}, 3))",
        }


def _without_blanks(text: str) -> str:
    """The commonest separators taken out, which costs little: what is digits then needs no more."""
    return (
        f"replace(replace({text}, ' ', ''), '-', '')"  # translate makes a table of its letters for each row
    )
