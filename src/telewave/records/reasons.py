"""Why a row is refused, and what to do about it. The order is the order in which rows are judged. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from telewave.kernel import Label, Message


class Reason(StrEnum):
    """Code of a refusal; stable, stored with the row."""

    LINE_TOO_LONG = "line_too_long"
    UNBALANCED_QUOTES = "unbalanced_quotes"
    WRONG_COLUMN_COUNT = "wrong_column_count"
    TOTAL_ROW = "total_row"
    UNDECODABLE = "undecodable"
    NUL_BYTE = "nul_byte"
    MISSING_VALUE = "missing_value"
    SPREADSHEET_NUMBER = "spreadsheet_number"
    NOT_A_NUMBER = "not_a_number"
    NOT_WHOLE = "not_whole"
    NEGATIVE = "negative"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    NOT_A_DATE = "not_a_date"
    NOT_AN_INSTANT = "not_an_instant"
    NOT_A_FLAG = "not_a_flag"
    OUT_OF_CALENDAR = "out_of_calendar"
    FUTURE_DAY = "future_day"
    NOT_FIRST_OF_MONTH = "not_first_of_month"
    END_BEFORE_START = "end_before_start"
    UNKNOWN_CODE = "unknown_code"
    UNKNOWN_OUTCOME = "unknown_outcome"
    UNKNOWN_SUBSCRIBER = "unknown_subscriber"
    DUPLICATE_IN_FILE = "duplicate_in_file"
    DUPLICATE_OF_DELIVERY = "duplicate_of_delivery"


REMEDIES: dict[Reason, Message] = {
    Reason.LINE_TOO_LONG: Message(
        "The line is longer than a million characters. Look for missing line ends in the file, and deliver it again."
    ),
    Reason.UNBALANCED_QUOTES: Message(
        "The line opens a quote and does not close it. Correct the line; or write `quote: none`, or "
        "`multiline: yes` where values hold line breaks, under `file` in the mapping."
    ),
    Reason.WRONG_COLUMN_COUNT: Message(
        "The line has {value} columns where the first line has {limit}. Look for a delimiter inside a "
        "value, and put that value in quotes."
    ),
    Reason.TOTAL_ROW: Message(
        "The row sums others up ({value}): it is nobody's record, and nothing is lost without it. Take "
        "such rows out of the export to be told no more."
    ),
    Reason.UNDECODABLE: Message(
        "{column} holds bytes that are no text in the file's encoding. Correct the line, or the `encoding` "
        "in the mapping."
    ),
    Reason.NUL_BYTE: Message("{column} holds NUL bytes. Export the file again without them."),
    Reason.MISSING_VALUE: Message(
        "{column} is empty but must be filled. Fill it in, or say in the mapping what a blank counts as (`otherwise`)."
    ),
    Reason.SPREADSHEET_NUMBER: Message(
        "{column} is {value!r}, which a spreadsheet has made of it: digits may be lost. Export the column "
        "as text from the source, and deliver it again."
    ),
    Reason.NOT_A_NUMBER: Message(
        "{column} is {value!r}, which is not a number. Correct it or the `decimal` in the mapping, or list "
        "it there under `missing` if it stands for nothing."
    ),
    Reason.NOT_WHOLE: Message(
        "{column} is {value!r}, which is not a whole number of its unit ({limit}). Correct it, or set "
        "`factor` in the mapping if the file uses another unit."
    ),
    Reason.NEGATIVE: Message("{column} is {value!r}, which is negative. Correct it at the source."),
    Reason.TOO_SMALL: Message(
        "{column} is {value!r}, below the least that is possible, {limit}. Correct it, or the unit "
        "(`factor`) in the mapping."
    ),
    Reason.TOO_LARGE: Message(
        "{column} is {value!r}, above the most that is possible, {limit}. Correct it, or the unit "
        "(`factor`) in the mapping."
    ),
    Reason.NOT_A_DATE: Message(
        "{column} is {value!r}, which is not a date. Correct it, or give its format under `formats` in the "
        "mapping, for example %Y%m%d."
    ),
    Reason.NOT_AN_INSTANT: Message(
        "{column} is {value!r}, which is not a date with a time of day. Correct it, or give its format "
        "under `formats` in the mapping, for example %Y%m%d%H%M%S."
    ),
    Reason.NOT_A_FLAG: Message(
        "{column} is {value!r}, which is neither yes nor no. Correct it, or declare the column a category."
    ),
    Reason.OUT_OF_CALENDAR: Message(
        "{column} is {value!r}, outside {limit}. Correct the date, or its format in the mapping."
    ),
    Reason.FUTURE_DAY: Message(
        "{column} is {value!r}, later than today ({limit}). Correct the date, or deliver the row when its day has come."
    ),
    Reason.NOT_FIRST_OF_MONTH: Message(
        "{column} is {value!r}, which is not the first day of a month. Write a month as its first day, or "
        "give its format under `formats` in the mapping, for example %Y%m."
    ),
    Reason.END_BEFORE_START: Message(
        "{column} is {value!r}, before the day of the same row in: {limit}. Correct whichever is wrong, or "
        "the columns in the mapping if they are exchanged."
    ),
    Reason.UNKNOWN_CODE: Message(
        "{column} is {value!r}; allowed are {limit}. Correct it, or translate it under `codes` in the mapping."
    ),
    Reason.UNKNOWN_OUTCOME: Message(
        "{column} is {value!r}, which is not known to mean yes or no. List it under `positive`, `negative` "
        "or `missing` of `outcome` in the mapping."
    ),
    Reason.UNKNOWN_SUBSCRIBER: Message(
        "The subscriber {value} is unknown. Ingest the subscribers file that holds it first, then this file again."
    ),
    Reason.DUPLICATE_IN_FILE: Message(
        "The row has the same key as row {value} of the same file ({limit}). Remove one of the two."
    ),
    Reason.DUPLICATE_OF_DELIVERY: Message(
        "The row has the same key as one of the delivery {value} ({limit}). Remove it from one of the two "
        "files, and ingest that file again."
    ),
}
"""The sentence of each reason: what is wrong and what to do."""

LABELS: dict[Reason, Label] = {
    Reason.LINE_TOO_LONG: Label("line too long", "行过长"),
    Reason.UNBALANCED_QUOTES: Label("quote not closed", "引号未闭合"),
    Reason.WRONG_COLUMN_COUNT: Label("wrong number of columns", "列数不符"),
    Reason.TOTAL_ROW: Label("row of totals", "合计行"),
    Reason.UNDECODABLE: Label("not readable in the encoding", "编码无法识别"),
    Reason.NUL_BYTE: Label("NUL bytes", "含 NUL 字节"),
    Reason.MISSING_VALUE: Label("value missing", "缺少取值"),
    Reason.SPREADSHEET_NUMBER: Label("spoilt by a spreadsheet", "被电子表格改写"),
    Reason.NOT_A_NUMBER: Label("not a number", "不是数值"),
    Reason.NOT_WHOLE: Label("not a whole number", "不是整数"),
    Reason.NEGATIVE: Label("negative", "为负数"),
    Reason.TOO_SMALL: Label("too small", "过小"),
    Reason.TOO_LARGE: Label("too large", "过大"),
    Reason.NOT_A_DATE: Label("not a date", "不是日期"),
    Reason.NOT_AN_INSTANT: Label("not a date with a time", "不是日期时间"),
    Reason.NOT_A_FLAG: Label("neither yes nor no", "不是是/否"),
    Reason.OUT_OF_CALENDAR: Label("impossible date", "日期超出范围"),
    Reason.FUTURE_DAY: Label("later than today", "晚于今天"),
    Reason.NOT_FIRST_OF_MONTH: Label("not the first of a month", "不是月初日期"),
    Reason.END_BEFORE_START: Label("end before start", "结束早于开始"),
    Reason.UNKNOWN_CODE: Label("unknown code", "未知代码"),
    Reason.UNKNOWN_OUTCOME: Label("unknown outcome", "未知结果"),
    Reason.UNKNOWN_SUBSCRIBER: Label("unknown subscriber", "未知用户"),
    Reason.DUPLICATE_IN_FILE: Label("twice in the file", "文件内重复"),
    Reason.DUPLICATE_OF_DELIVERY: Label("in another delivery", "与其他批次重复"),
}
"""The short name of each reason, for tables."""


def remedy(reason: Reason, column: Label | str = "", value: object = "", limit: object = "") -> Message:
    """The sentence for one refused row. `limit`: what was allowed."""
    return Message(REMEDIES[reason].template, column=column, value=value, limit=limit)


@dataclass(frozen=True, slots=True)
class Repair:
    """Something that ingest puts right by itself and counts."""

    code: str
    label: Label


REPAIRS: tuple[Repair, ...] = (
    Repair("byte_order_mark", Label("byte order mark removed", "去除字节顺序标记")),
    Repair("blanks_trimmed", Label("blanks around values removed", "去除首尾空格")),
    Repair("full_width", Label("full-width characters made plain", "全角字符转为半角")),
    Repair("thousands", Label("thousands separators removed", "去除千位分隔符")),
    Repair("code_case", Label("codes written in lower case", "代码统一为小写")),
    Repair("code_translated", Label("codes translated by the mapping", "按映射转换代码")),
    Repair("word_for_nothing", Label("words such as NULL taken as blank", "NULL 等写法视为空")),
    Repair("default", Label("blanks filled with the mapping's default", "空值按映射填入默认值")),
    Repair(
        "invisible_characters", Label("invisible characters removed from numbers", "去除号码中的不可见字符")
    ),
    Repair(
        "text_marks",
        Label(
            "a spreadsheet's quotes and apostrophes removed from numbers",
            "去除号码前后的引号、单引号等文本标记",
        ),
    ),
    Repair(
        "decimal_point",
        Label("`.0` removed from identifiers of a number column", "去除标识末尾的“.0”(列曾按数值导出)"),
    ),
    Repair(
        "number_separators",
        Label(
            "blanks, hyphens and brackets removed from telephone numbers", "去除号码中的空格、连字符和括号"
        ),
    ),
    Repair(
        "number_prefix",
        Label("country codes and prefixes of telephone numbers made one form", "号码的国家码和前缀统一格式"),
    ),
)
"""Every repair, in the order of the report."""
