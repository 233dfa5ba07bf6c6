"""Reading a mapping file: YAML, checked key by key, each mistake named with its line and the nearest right word."""

from __future__ import annotations

from pathlib import Path

import yaml

from telewave.kernel import Label, Message
from telewave.platform.yaml_files import load_yaml
from telewave.records.column_file import ColumnReader
from telewave.records.contracts import CONTRACTS, PAYMENTS, USAGE
from telewave.records.mapping import (
    NATIVE,
    FileFormat,
    Mapping,
    Order,
    SampleMapping,
    Source,
    TableMapping,
    VariableSource,
)
from telewave.records.model import Kind
from telewave.records.snapshots import FULL

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


class _Reader(ColumnReader):
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
            file=file,
            sources=self.columns(keys.get("columns"), CONTRACTS[table]),
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
                    "`snapshot` does not suit `{table}`: only of {tables} it can be said that what is "
                    "missing has ended. Remove it.",
                    table=table,
                    tables=", ".join(FULL),
                ),
            )
        self.filled(node)
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
            name=name,
            title=self.label_or_none(keys.get("title")) or Label(name, name),
            file=self.file(keys.get("file")),
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
            source,
            kind=kind,
            unit=unit,
            label=self.label_or_none(keys.get("label")),
            meaning=self.label_or_none(keys.get("meaning")),
        )
