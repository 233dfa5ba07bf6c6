"""Reading a mapping file: YAML, checked key by key, each mistake named with its line and the nearest right word."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, DivisionByZero, InvalidOperation
from pathlib import Path
from zoneinfo import available_timezones

import yaml

from telewave.kernel import Label, Message
from telewave.platform.yaml_files import YamlReader, load_yaml
from telewave.records.cells import is_number_of_time
from telewave.records.contracts import CONTRACTS, PAYMENTS, USAGE
from telewave.records.durations import CLOCKS
from telewave.records.mapping import (
    GAP,
    NATIVE,
    Combine,
    FileFormat,
    Mapping,
    Order,
    SampleMapping,
    Source,
    TableMapping,
    VariableSource,
)
from telewave.records.model import Column, Contract, Kind
from telewave.records.snapshots import FULL
from telewave.records.telephone import Identifying
from telewave.records.time_formats import mistake_in

TABLE_KEYS = ("table", "file", "columns", "record_id", "repeats", "snapshot", "continues", "reversals")
REPEATS = {"records": True, "once": False}
SAMPLE_KEYS = ("samples", "title", "file", "outcome", "order", "key", "columns", "ignore")
FILE_KEYS = (
    "format",
    "delimiter",
    "encoding",
    "header",
    "quote",
    "decimal",
    "multiline",
    "missing",
    "known",
    "skip",
    "sheet",
)
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
VARIABLE_KEYS = (
    "from",
    "kind",
    "unit",
    "label",
    "meaning",
    "missing",
    "known",
    "formats",
    "factor",
    "timezone",
    "combine",
    "otherwise",
)
OUTCOME_KEYS = ("from", "positive", "negative", "missing")
ENCODINGS = (
    "auto",
    "utf-8",
    "utf-8-sig",
    "gb18030",
    "gbk",
    "gb2312",
    "big5",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
)
DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "auto": "", "\\x01": "\x01"}
DELIMITER_NAMES = {"\t": "tab", ",": "comma", ";": "semicolon", "\x01": "\\x01"}
"""How a mapping writes the delimiters that would be hard to read in it."""
MOST_SKIPPED = 1_000
"""Lines before the header: more are no titles."""
MOST_DAYS_AFTER = 92
"""A bill that comes out more than a quarter after its month is a mistake in the mapping."""
VARIABLE_KINDS = {"number": Kind.NUMBER, "category": Kind.TEXT, "flag": Kind.FLAG, "date": Kind.DATE}


def load_mapping(path: Path) -> Mapping:
    """Read the mapping file `path`; the name `native` stands for files in contract form.

    Raises `YamlUnreadable` or `YamlMistake`.
    """
    return NATIVE if str(path) == "native" else load_yaml(path, parse_mapping)


def parse_mapping(text: str, name: str = "mapping") -> Mapping:
    """Parse the YAML `text` of a mapping; `name` is what mistakes call the file. Raises `YamlMistake`."""
    reader = _Reader(name)
    return reader.mapping(reader.root(text))


class _Reader(YamlReader):
    """What each part of a mapping file means."""

    def mapping(self, node: yaml.Node | None) -> Mapping:
        names = [key.value for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
        if "samples" in names:
            return self.sample(self.keys(node, SAMPLE_KEYS))
        keys = self.keys(node, TABLE_KEYS)
        if "table" not in keys:
            raise self.fail(
                node,
                Message(
                    "say which table the files feed: `table: <one of {tables}>`, or `samples: <name>`.",
                    tables=", ".join(CONTRACTS),
                ),
            )
        self.filled(keys["table"])
        table = self.choice(keys["table"], CONTRACTS)
        file = self.file(keys.get("file"))
        if not CONTRACTS[table].events:
            for key in ("record_id", "repeats"):
                self._only_of_events(keys.get(key), key, table)
        return TableMapping(
            table,
            file,
            self.columns(keys.get("columns"), CONTRACTS[table]),
            record_id=self.place(keys["record_id"]) if "record_id" in keys else None,
            repeats=REPEATS[self.choice(keys["repeats"], REPEATS)] if "repeats" in keys else None,
            full=self._full(keys.get("snapshot"), table),
            continues=self._continues(keys.get("continues"), table),
            reversals=self._reversals(keys.get("reversals"), table),
        )

    def _reversals(self, node: yaml.Node | None, table: str) -> bool:
        """Whether amounts below zero take payments back; bills may be below zero in any case."""
        if node is not None and table != PAYMENTS.name:
            raise self.fail(
                node,
                Message(
                    "`reversals` does not suit `{table}`: only {payments} are taken back. Remove it.",
                    table=table,
                    payments=PAYMENTS.name,
                ),
            )
        return self.yes(node, default=False)

    def _continues(self, node: yaml.Node | None, table: str) -> str | int | None:
        """What the parts of one long record have in common: only usage is cut into parts."""
        if node is not None and table != USAGE.name:
            raise self.fail(
                node,
                Message(
                    "`continues` does not suit `{table}`: only {usage} is cut into parts. Remove it.",
                    table=table,
                    usage=USAGE.name,
                ),
            )
        return None if node is None else self.place(node)

    def _full(self, node: yaml.Node | None, table: str) -> bool:
        """Whether a day's files name everybody who is there: only of what has an end."""
        if node is None:
            return False
        if table not in FULL:
            raise self.fail(
                node,
                Message(
                    "`snapshot` does not suit `{table}`: only of {tables} it can be said that what is missing has ended. Remove it.",
                    table=table,
                    tables=", ".join(FULL),
                ),
            )
        return self.choice(node, ("full",)) == "full"

    def _only_of_events(self, node: yaml.Node | None, key: str, table: str) -> None:
        if node is not None:
            raise self.fail(
                node,
                Message(
                    "`{key}` does not suit `{table}`, which holds one row of a subscriber and day. Remove it.",
                    key=key,
                    table=table,
                ),
            )

    def file(self, node: yaml.Node | None) -> FileFormat:
        if node is None:
            return FileFormat()
        keys = self.keys(node, FILE_KEYS)
        return FileFormat(
            kind=self.choice(keys["format"], ("csv", "parquet")) if "format" in keys else "",
            delimiter=self.delimiter(keys.get("delimiter")),
            encoding=self.choice(keys["encoding"], ENCODINGS) if "encoding" in keys else "auto",
            header=self.yes(keys.get("header"), default=True),
            quote=self.quote(keys.get("quote")),
            decimal=self.choice(keys["decimal"], (".", ",")) if "decimal" in keys else ".",
            multiline=self.yes(keys.get("multiline"), default=False),
            missing=self.words(keys.get("missing")),
            known=self.words(keys.get("known")),
            skip=self.whole(keys["skip"], most=MOST_SKIPPED) if "skip" in keys else 0,
            sheet=self.text(keys["sheet"]) if "sheet" in keys else "",
        )

    def delimiter(self, node: yaml.Node | None) -> str:
        word = "" if node is None else self.text(node)
        word = DELIMITERS.get(word, word)
        if len(word) > 1 or not word.isascii():
            raise self.fail(
                node, Message("the delimiter `{word}` must be one ASCII character, or tab.", word=word)
            )
        return word

    def quote(self, node: yaml.Node | None) -> str:
        word = '"' if node is None else self.text(node)
        if word in ("none", "no", ""):
            return ""
        if len(word) > 1:
            raise self.fail(node, Message("the quote `{word}` must be one character, or none.", word=word))
        return word

    def columns(self, node: yaml.Node | None, contract: Contract) -> tuple[Source, ...]:
        if node is None:
            return ()
        entries = self.keys(node, [column.name for column in contract.columns])
        return tuple(self.source(contract.column(name), entry) for name, entry in entries.items())

    def source(self, column: Column, node: yaml.Node) -> Source:
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
                    "`{column}` takes several columns, so say how under `combine`: `join` (with a blank between), `sum`, or `first` (that is not blank).",
                    column=column,
                )
                if several
                else Message(
                    "`combine` puts several columns together. List them: `from: [one, another]`; or remove it."
                ),
            )
        return Combine(self.choice(keys["combine"], [way.value for way in Combine])) if several else None

    def otherwise(self, keys: dict[str, yaml.Node], column: Column) -> str | None:
        """What a blank counts as: a day or an instant in the one way of writing it, a code, or what the file could write."""
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
        word = self.text(node)
        if node.tag == "tag:yaml.org,2002:int":
            return int(word)
        return word

    def codes(self, node: yaml.Node | None, column: Column) -> tuple[tuple[str, str], ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, Message("`codes` must be lines of `what the file writes: code`."))
        meant = (lambda value: self.choice(value, column.codes)) if column.codes else self.text
        return tuple((self.text(key), meant(value)) for key, value in node.value)

    def days(self, node: yaml.Node | None, key: str) -> int | None:
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
        """Formats of dates or instants that can be read, each told at its line otherwise. `column` None: of an outside table."""
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
        word = "" if node is None else self.text(node)
        if word and word not in available_timezones():
            raise self.fail(
                node, Message("`{word}` is not a time zone. Write one such as Asia/Shanghai.", word=word)
            )
        return word

    def label_or_none(self, node: yaml.Node | None) -> Label | None:
        return None if node is None else self.label(node)

    def sample(self, keys: dict[str, yaml.Node]) -> SampleMapping:
        name = self.text(keys["samples"])
        if not name.replace("_", "").replace("-", "").isalnum():
            raise self.fail(
                keys["samples"],
                Message("the name `{name}` may hold letters, digits, - and _ only.", name=name),
            )
        outcome = self.keys(keys["outcome"], OUTCOME_KEYS) if "outcome" in keys else {}
        if outcome and not {"from", "positive"} <= outcome.keys():
            raise self.fail(
                keys["outcome"],
                Message("`outcome` needs `from` (the column) and `positive` (what means yes)."),
            )
        return SampleMapping(
            name,
            self.label_or_none(keys.get("title")) or Label(name, name),
            self.file(keys.get("file")),
            outcome=self.text(outcome["from"]) if outcome else None,
            positive=self.words(outcome.get("positive")),
            negative=self.words(outcome.get("negative")),
            unknown_outcomes=self.words(outcome.get("missing")),
            order=self.order(keys.get("order")),
            key=self.text(keys["key"]) if "key" in keys else None,
            variables=self.variables(keys.get("columns")),
            ignored=self.words(keys.get("ignore")),
        )

    def order(self, node: yaml.Node | None) -> Source | Order:
        if node is None:
            return Order.UNSAID
        if isinstance(node, yaml.ScalarNode) and node.value in (Order.ROWS, Order.NONE):
            return Order(node.value)
        if isinstance(node, yaml.ScalarNode):
            return Source("sequence", self.text(node))
        keys = self.keys(node, ("from", "formats"))
        if "from" not in keys:
            raise self.fail(node, Message("`order` needs `from`, or one of the words `rows` and `none`."))
        return Source("sequence", self.text(keys["from"]), formats=self.formats(keys.get("formats"), None))

    def variables(self, node: yaml.Node | None) -> tuple[VariableSource, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, Message("`columns` must be lines of `name: ...`."))
        return tuple(self.variable(self.text(key), value) for key, value in node.value)

    def variable(self, name: str, node: yaml.Node) -> VariableSource:
        if isinstance(node, yaml.ScalarNode):
            return VariableSource(Source(name, self.text(node)))
        keys = self.keys(node, VARIABLE_KEYS)
        places = self.places(keys.get("from")) or (name,)
        source = Source(
            name,
            str(places[0]),
            also=tuple(str(place) for place in places[1:]),
            combine=self.combine(node, keys, name),
            otherwise=self.text(keys["otherwise"]) if "otherwise" in keys else None,
            known=self.words(keys.get("known")),
            formats=self.formats(keys.get("formats"), None),
            missing=self.words(keys.get("missing")),
            factor=self.factor(keys.get("factor")),
            timezone=self.timezone(keys.get("timezone")),
        )
        kind = VARIABLE_KINDS[self.choice(keys["kind"], VARIABLE_KINDS)] if "kind" in keys else None
        unit = self.text(keys["unit"]) if "unit" in keys else ""
        return VariableSource(
            source, kind, unit, self.label_or_none(keys.get("label")), self.label_or_none(keys.get("meaning"))
        )


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
