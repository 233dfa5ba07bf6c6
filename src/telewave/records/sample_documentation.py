"""What the reference page of records says of the mapping of an outside table, key by key, in both languages. Pure."""

from __future__ import annotations

from telewave.kernel import Label

KEYS_OF_SAMPLES: dict[str, tuple[tuple[str, Label], ...]] = {
    "samples": (
        (
            "samples",
            Label(
                "Name of an outside table with columns of its own, stored as `samples.<name>`.",
                "自带列的外部数据表的名称，存为 `samples.<名称>`。",
            ),
        ),
        (
            "title",
            Label("Its title: one text, or `{en: .., zh: ..}`.", "标题：一段文字，或 `{en: .., zh: ..}`。"),
        ),
        ("file", Label("As above.", "同上。")),
        (
            "outcome",
            Label(
                "`from`: the column of the outcome; `positive`: the value or values that mean yes; "
                "`negative`: those that mean no; `missing`: those that mean neither. "
                "Without `negative` these mean no: the usual words for it, or the one other word of the "
                "file. Any other word is refused, never taken as a no.",
                "`from`：结果所在的列；`positive`：表示“是”的值；`negative`：表示“否”的值；`missing`：两者都不是的值。"
                "不写 `negative` 时，常用的否定写法，或文件中仅有的另一种写法，视为“否”；其他写法一律拒收，"
                "不会当作“否”。",
            ),
        ),
        (
            "order",
            Label(
                "`rows` (as in the file, which is in order of time), `none` (no order in time), or a column of "
                "numbers or dates. Without it `train` asks, if it matters.",
                "`rows`(文件中的顺序就是时间先后)、`none`(没有先后)，或一个数值列或日期列。没有写、"
                "而先后又有影响时，`train` 会要求写明。",
            ),
        ),
        (
            "key",
            Label(
                "Column that identifies a row; otherwise its number counts.",
                "标识每一行的列；不写则使用行序号。",
            ),
        ),
        (
            "columns",
            Label(
                "What is to be said of single columns; the others are taken as they are.",
                "对个别列的说明；其余列按原样使用。",
            ),
        ),
        ("ignore", Label("Columns to leave out.", "不使用的列。")),
    ),
    "variable": (
        ("from", Label("Source column, where it has another name.", "名称不同时的来源列。")),
        (
            "kind",
            Label(
                "`number`, `category`, `flag` or `date`; otherwise found from the values. Numbers that are "
                "names are categories: with a zero in front, in a column called a code, or of five digits and "
                "more that come again and again.",
                "`number`、`category`、`flag` 或 `date`；不写则根据取值判断。实为代号的数字算作分类：以 0 "
                "开头的、列名是编码或邮编的，或者位数相同(五位以上)且反复出现的。",
            ),
        ),
        ("unit", Label("Unit, for people.", "单位，供阅读使用。")),
        ("label", Label("Name: one text, or `{en: .., zh: ..}`.", "名称：一段文字，或 `{en: .., zh: ..}`。")),
        ("meaning", Label("Meaning, likewise.", "含义，写法同上。")),
        ("missing", Label("What stands for nothing.", "表示缺失的写法。")),
        (
            "known",
            Label(
                "Words that would stand for nothing, and are values here.",
                "通常表示缺失、但在这里是取值的写法。",
            ),
        ),
        (
            "combine",
            Label(
                "How several source columns become one, as for a column of a contract.",
                "多个来源列如何合为一列，写法与数据契约的列相同。",
            ),
        ),
        ("otherwise", Label("What a blank counts as, likewise.", "空值按什么处理，写法同上。")),
        (
            "formats",
            Label("Formats of dates, as for a column of a contract.", "日期格式，写法与数据契约的列相同。"),
        ),
        ("factor", Label("Multiplier for numbers.", "数值的倍数。")),
        (
            "timezone",
            Label("Time zone of dates that are written with a time of day.", "带时刻的日期所用的时区。"),
        ),
    ),
}
"""Every key of an outside table's mapping by the place where it stands."""
