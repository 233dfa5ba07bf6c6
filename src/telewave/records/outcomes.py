"""The outcome of an outside table: which of its words mean yes and which no. A word that is neither is refused, never a
no.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from telewave.kernel import Malformed
from telewave.records.cells import same_code, same_word
from telewave.records.mapping import SampleMapping
from telewave.records.reasons import Reason
from telewave.records.sql_text import literals
from telewave.records.vocabulary import NO_OUTCOMES, UNSURE_OUTCOMES

WORD = same_code("v_outcome")


class OutcomeNeverPositive(Malformed):
    """No row of {file} has an outcome of {positive}. The column {column} holds:
    {found}. Correct `positive` in the mapping.
    """

    code = "outcome_never_positive"


@dataclass(frozen=True, slots=True)
class OutcomeWords:
    """The words of one file, each in the one form of `same_word`."""

    yes: tuple[str, ...]
    no: tuple[str, ...]

    def value(self) -> str:
        """SQL: the outcome of a row that is not refused; null where it has none."""
        return (
            f"CASE WHEN {WORD} IN ({literals(self.yes)}) THEN true WHEN v_outcome IS NOT NULL THEN false END"
        )


def words_of(mapping: SampleMapping, found: Iterable[str]) -> OutcomeWords:
    """Yes is what the mapping says. No is what it says, else the usual words for it and, where the
    file has just one word besides, that one.

    >>> from telewave.kernel import Label
    >>> mapping = SampleMapping(name="s", title=Label("s", "s"), outcome="y", positive=("Attrited",))
    >>> words_of(mapping, ["attrited", "existing"]).no[-1]
    'existing'
    >>> words_of(mapping, ["attrited", "existing", "left"]).no == NO_OUTCOMES
    True
    """
    yes = tuple(dict.fromkeys(same_word(word) for word in mapping.positive))
    if mapping.negative:
        return OutcomeWords(yes, tuple(same_word(word) for word in mapping.negative))
    usual = tuple(word for word in NO_OUTCOMES if word not in yes)
    others = [word for word in found if word not in yes and word not in usual]
    sure = [word for word in others if word not in UNSURE_OUTCOMES]
    said = any(word in usual for word in found)
    return OutcomeWords(yes, (*usual, *sure) if len(sure) == 1 and not said else usual)


def judge_outcomes(con: Any, mapping: SampleMapping, file: str) -> OutcomeWords:
    """Refuse the rows of the relation `judged` whose outcome is neither. Raises `OutcomeNeverPositive`."""
    counted = con.execute(
        f"SELECT {WORD}, any_value(v_outcome) FROM judged WHERE v_outcome IS NOT NULL GROUP BY 1 ORDER BY "
        "count(*) DESC LIMIT 1000"
    ).fetchall()
    words = words_of(mapping, [word for word, _ in counted])
    if counted and not any(word in words.yes for word, _ in counted):
        shown = ", ".join(written for _, written in counted[:10])
        raise OutcomeNeverPositive(
            file=file, positive=", ".join(mapping.positive), column=mapping.outcome, found=shown
        )
    con.execute(
        f"UPDATE judged SET fault = '{Reason.UNKNOWN_OUTCOME}:outcome' WHERE fault IS NULL AND v_outcome IS NOT NULL "
        f"AND {WORD} NOT IN ({literals((*words.yes, *words.no))})"
    )
    return words
