"""Reading what a mapping file says of a column: sources, formats, codes, units, each mistake named with its line."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, DivisionByZero, InvalidOperation

import yaml

from telewave.kernel import Message
from telewave.platform.time_zones import is_timezone
from telewave.platform.yaml_files import YamlReader
from telewave.records.cells import is_number_of_time
from telewave.records.durations import CLOCKS
from telewave.records.mapping import GAP, Combine, Source
from telewave.records.model import Column, Contract, Kind
from telewave.records.telephone import Identifying
from telewave.records.time_formats import mistake_in

COLUMN_KEYS = (
    "from",
    "constant",
    "formats",
    "missing",
    "codes",
    "factor",
    "timezone",
    "days_after_month_end",
    "days_before_month",
    "combine",
    "otherwise",
    "known",
    "kind",
)
GAP_KEYS = ("from", "constant", "formats", "codes", "factor", "days_after_month_end")
"""Keys of a column in which a proposal leaves gaps."""
MOST_DAYS_AFTER = 92
"""A bill that comes out more than a quarter after its month is a mistake in the mapping."""


class ColumnReader(YamlReader):
    """What a mapping file says of single columns: where a value comes from, and how it is read."""

    def columns(self, node: yaml.Node | None, contract: Contract) -> tuple[Source, ...]:
        """The sources of a contract's columns, from the lines under `columns`."""
        if node is None:
            return ()
        entries = self.keys(node, [column.name for column in contract.columns])
        return tuple(self.source(contract.column(name), entry) for name, entry in entries.items())

    def source(self, column: Column, node: yaml.Node) -> Source:
        """Where the contract's `column` comes from: a source column's name alone, or keys."""
        if isinstance(node, yaml.ScalarNode):
            self.filled(node)
            return Source(column.name, self.place(node))
        keys = self.keys(node, COLUMN_KEYS)
        self.filled(*(keys[key] for key in GAP_KEYS if key in keys))
        if ("from" in keys) == ("constant" in keys):
            raise self.fail(
                node, Message("`{column}` needs either `from` or `constant`.", column=column.name)
            )
        self._suits(column, keys)
        places = self.places(keys.get("from"))
        return Source(
            column.name,
            source=places[0] if places else None,
            also=places[1:],
            combine=self.combine(node, keys, column.name),
            otherwise=self.otherwise(keys, column),
            known=self.words(keys.get("known")),
            constant=self.text(keys["constant"]) if "constant" in keys else None,
            formats=self.formats(keys.get("formats"), column),
            missing=self.words(keys.get("missing")),
            codes=self.codes(keys.get("codes"), column),
            factor=self.factor(keys.get("factor")),
            timezone=self.timezone(keys.get("timezone")),
            days_after_month_end=self.days(keys.get("days_after_month_end"), "days_after_month_end"),
            days_before_month=self.days(keys.get("days_before_month"), "days_before_month"),
            identifying=Identifying(self.choice(keys["kind"], ("phone", "text"))) if "kind" in keys else None,
        )

    def _suits(self, column: Column, keys: dict[str, yaml.Node]) -> None:
        kinds = {
            "codes": (Kind.CODE, Kind.TEXT),
            "factor": (Kind.INTEGER, Kind.MONEY),
            "formats": (Kind.DATE, Kind.INSTANT, *((Kind.INTEGER,) if is_number_of_time(column) else ())),
            "timezone": (Kind.DATE, Kind.INSTANT),
            "days_after_month_end": (Kind.DATE,),
            "days_before_month": (Kind.DATE,),
            "kind": (Kind.SUBSCRIBER, Kind.PEER),
        }
        for key, suited in kinds.items():
            if key in keys and column.kind not in suited:
                raise self.fail(
                    keys[key],
                    Message(
                        "`{key}` does not suit `{column}`, which holds {kind}. Remove it.",
                        key=key,
                        column=column.name,
                        kind=column.kind.value,
                    ),
                )

    def filled(self, *nodes: yaml.Node) -> None:
        """Raises `YamlMistake` for the first gap that a proposed mapping still has in `nodes`."""
        for node in nodes:
            if isinstance(node, yaml.ScalarNode) and node.value == GAP:
                raise self.fail(
                    node,
                    Message(
                        'here a "?" is left of the proposal. Fill it in; the remark on its line says what is asked.'
                    ),
                )
            if isinstance(node, yaml.SequenceNode):
                self.filled(*node.value)
            if isinstance(node, yaml.MappingNode):
                self.filled(*(value for _, value in node.value))

    def places(self, node: yaml.Node | None) -> tuple[str | int, ...]:
        """One source column, or several that are put together."""
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.place(item) for item in node.value)
        return () if node is None else (self.place(node),)

    def combine(self, node: yaml.Node, keys: dict[str, yaml.Node], column: str) -> Combine | None:
        """How several source columns are put together: it must be said, and only of several."""
        several = isinstance(keys.get("from"), yaml.SequenceNode) and len(keys["from"].value) > 1
        if several != ("combine" in keys):
            raise self.fail(
                keys.get("combine", node),
                Message(
                    "`{column}` takes several columns, so say how under `combine`: `join` (with a blank "
                    "between), `sum`, or `first` (that is not blank).",
                    column=column,
                )
                if several
                else Message(
                    "`combine` puts several columns together. List them: `from: [one, another]`; or remove it."
                ),
            )
        return Combine(self.choice(keys["combine"], [way.value for way in Combine])) if several else None

    def otherwise(self, keys: dict[str, yaml.Node], column: Column) -> str | None:
        """What a blank counts as: a day or an instant in the one way of writing it,
        a code, or what the file could write.
        """
        if "otherwise" not in keys:
            return None
        node = keys["otherwise"]
        if "constant" in keys:
            raise self.fail(
                node, Message("a `constant` leaves no blanks, so `otherwise` says nothing. Remove it.")
            )
        word = self.text(node)
        if column.kind is Kind.DATE:
            return str(self.date(node))
        if column.kind is Kind.INSTANT:
            return self.instant(node)
        if column.kind is Kind.CODE:
            written = [self.text(key) for key, _ in keys["codes"].value] if "codes" in keys else []
            return self.choice(node, (*column.codes, *written))
        return word

    def instant(self, node: yaml.Node) -> str:
        """An instant written 2026-07-01 10:00:00, in the operator's wall time."""
        try:
            return datetime.strptime(self.text(node), "%Y-%m-%d %H:%M:%S").isoformat(" ")  # noqa: DTZ007 - a wall has none
        except ValueError as cause:
            raise self.fail(
                node,
                Message(
                    "{value!r} is not an instant. Write it as 2026-07-01 10:00:00.", value=self.text(node)
                ),
            ) from cause

    def place(self, node: yaml.Node) -> str | int:
        """A source column: its name, or its number where the file has no header."""
        word = self.text(node)
        if node.tag == "tag:yaml.org,2002:int":
            return int(word)
        return word

    def codes(self, node: yaml.Node | None, column: Column) -> tuple[tuple[str, str], ...]:
        """What the file writes, and the code that it stands for."""
        if node is None:
            return ()
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, Message("`codes` must be lines of `what the file writes: code`."))
        meant = (lambda value: self.choice(value, column.codes)) if column.codes else self.text
        return tuple((self.text(key), meant(value)) for key, value in node.value)

    def days(self, node: yaml.Node | None, key: str) -> int | None:
        """A whole number of days, at most `MOST_DAYS_AFTER`."""
        if node is None:
            return None
        word = self.text(node)
        if not word.isdecimal() or int(word) > MOST_DAYS_AFTER:
            raise self.fail(
                node,
                Message(
                    "`{key}` must be a whole number of days from 0 to {most}, such as 3.",
                    key=key,
                    most=MOST_DAYS_AFTER,
                ),
            )
        return int(word)

    def formats(self, node: yaml.Node | None, column: Column | None) -> tuple[str, ...]:
        """Formats of dates or instants that can be read, each told at its line
        otherwise. `column` None: of an outside table.
        """
        if column is not None and is_number_of_time(column):
            for word in self.words(node):
                if word not in CLOCKS:
                    raise self.fail(
                        node,
                        Message(
                            "`{word}` is no format of a duration. Write one of {formats}.",
                            word=word,
                            formats=", ".join(CLOCKS),
                        ),
                    )
            return self.words(node)
        items = node.value if isinstance(node, yaml.SequenceNode) else [] if node is None else [node]
        for item in items:
            if (mistake := mistake_in(self.text(item), column)) is not None:
                raise self.fail(item, mistake)
        return self.words(node)

    def factor(self, node: yaml.Node | None) -> Decimal | None:
        """The multiplier of numbers; a fraction may be written 1/1024."""
        if node is None:
            return None
        value = _fraction(self.text(node))
        if not (Decimal("0.0001") <= value <= 99_999 and value == round(value, 10 if value < 1 else 4)):
            raise self.fail(
                node,
                Message(
                    "`factor` must be a number from 0.0001 to 99999 with at most 4 decimals (10 below 1), "
                    "such as 60, 0.01 or 1/1024."
                ),
            )
        return value

    def timezone(self, node: yaml.Node | None) -> str:
        """The time zone's name; empty: the operator's."""
        word = "" if node is None else self.text(node)
        if word and not is_timezone(word):
            raise self.fail(
                node, Message("`{word}` is not a time zone. Write one such as Asia/Shanghai.", word=word)
            )
        return word


def _fraction(text: str) -> Decimal:
    """A number, or one divided by another; zero for anything else.

    >>> _fraction("1/1024")
    Decimal('0.0009765625')
    """
    over, _, under = text.partition("/")
    try:
        value = Decimal(over) / Decimal(under or 1)
    except (InvalidOperation, DivisionByZero):
        return Decimal(0)
    return value if value.is_finite() else Decimal(0)
