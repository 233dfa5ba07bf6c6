"""The reference page of records, made from the contracts, the mapping's keys, the reasons and the repairs
themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from telewave.kernel import Label
from telewave.platform.languages import Language, render
from telewave.records.cells import UNKNOWN
from telewave.records.check_plan import EARLIEST_DATE, EARLIEST_RECORD
from telewave.records.checks import NO, YES
from telewave.records.contracts import CONTRACTS
from telewave.records.history_documentation import HISTORY
from telewave.records.mapping_documentation import EXAMPLE, KEYS, PLACES
from telewave.records.model import Column, Contract, Kind
from telewave.records.reasons import REMEDIES, REPAIRS, Reason
from telewave.records.time_formats import DATE_FORMATS, INSTANT_FORMATS

KINDS: dict[Kind, Label] = {
    Kind.SUBSCRIBER: Label("outside identifier, stored as a number", "外部标识，存为用户序号"),
    Kind.PEER: Label("somebody else's number, stored as a keyed digest", "对方号码，存为带密钥的摘要"),
    Kind.KEY: Label("outside identifier, kept as text", "外部标识，按文本保存"),
    Kind.INTEGER: Label("whole number", "整数"),
    Kind.MONEY: Label("money in minor units", "金额(最小货币单位)"),
    Kind.TEXT: Label("text", "文本"),
    Kind.CODE: Label("code", "代码"),
    Kind.DATE: Label("date", "日期"),
    Kind.INSTANT: Label("local date and time", "本地日期和时间"),
    Kind.FLAG: Label("yes or no", "是或否"),
    Kind.NUMBER: Label("number", "数值"),
}


TEXTS = {
    "title": Label("# Records", "# 数据记录"),
    "intro": Label(
        "What comes in: a contract for each table, the mapping file that brings other files into that form, and what "
        "happens to rows that do not meet it. `telewave check` says what `telewave ingest` would do, and "
        "what stands in the first file: kinds, ranges, common values, "
        "takers by block, copies, identifiers, constants, what becomes unknown, and what to decide; of the other "
        "files what the first does not show (`--report` for a page; of more than 100,000 rows as many are looked at, "
        "spread over the file, and about as many of all other files together). "
        "Accepted and refused rows together, and those that continue another (`continues`), are the rows "
        "read; refused rows wait in quarantine (`telewave quarantine`).",
        "数据如何进入系统：每张表的数据契约、把其他文件转换为契约格式的映射文件，以及不符合要求的行如何处理。"
        "`telewave check` 预先说明 `telewave ingest` 会做什么，并列出第一个文件的内容：各列类型、范围、"
        "常见取值、分段办理情况、重复列与重复行、标识列、常量列、哪些会视为未知，以及需要确定的事项；"
        "其他文件只列出第一个文件没有的情况"
        "（`--report` 写成页面；超过 10 万行时，在全文件中均匀抽看约 10 万行，"
        "其他文件合计也约抽看这么多）。接收行、"
        "拒收行与并入其他行的分段(`continues`)之和等于读取行数；拒收行存放在隔离区(`telewave quarantine`)。",
    ),
    "delivery": Label(
        "A delivery is a file, known by its name without suffix, and the party that it is taken in for "
        "(the column that feeds `subscriber`): one file of calls, taken in once for each party, is two. "
        "Delivered again with other content it replaces its own "
        "rows and its lines in quarantine, and no others, and the report says how many; with the same content nothing "
        "changes. A file that holds nothing of a day which the earlier one had is refused: it is probably another "
        "delivery of the same name, and `--replace` says that it is not. An outside table is one file. All "
        "files of one "
        "command become visible in one step. Files already in contract form lie in "
        "`<folder>/records/<table>/<day>.parquet` "
        "and need no mapping.",
        "一次交付由文件(以不含扩展名的文件名识别)和归属方(写入 `subscriber` 的来源列)共同确定："
        "同一话单文件按主叫、被叫各导入一次，就是两次交付。同名文件内容不同时，"
        "只替换它自己的数据和隔离记录，并报告替换的行数；内容相同则不做任何改动。"
        "如果新文件缺少先前文件已有的某一天，则拒收：那多半是另一次同名的交付；确要替换请加 `--replace`。"
        "一张外部样本表只由一个文件构成。"
        "一条命令中的所有文件同时生效。已是契约格式的文件放在 `<文件夹>/records/<表>/<日期>.parquet`，无需映射。",
    ),
    "mapping": Label("## The mapping file", "## 映射文件"),
    "example": Label(
        "`telewave map guess FILE` proposes one: titles, encoding, delimiter, formats (counted days and "
        "half days among them), a day and a time in two columns, units and codes, from the headers and "
        "from the first 50,000 rows. "
        "It also proposes `record_id`, `continues`, `reversals` and `snapshot` where names and values show them, "
        "each with the reason, for you to confirm or remove. "
        "Of a workbook with several sheets it proposes a mapping for each; `--sheet` names one. "
        'What it does not know is a gap, `"?"`, '
        "with the question behind it on its line; no command takes the file before each is filled in. "
        "`--table` names the table where the file does not tell, `--to` writes a new file (one for each sheet, with "
        "the sheet's name added).\n\nA YAML file, for example:",
        "`telewave map guess FILE` 根据列名和前 50,000 行提出草稿：标题行、编码、分隔符、"
        "日期格式(包括序列号、时间戳和上午/下午)、分在两列的日期和时间、单位和代码。"
        "列名和取值显示需要 `record_id`、`continues`、`reversals` 或 `snapshot` 时也会写出，"
        "并说明理由，由您确认或删除。工作簿有多张工作表时，逐张给出草稿，也可用 `--sheet` 指定一张。"
        '拿不准的写成 `"?"`，'
        "同一行的注释说明要填什么；没有补齐之前，任何命令都不接受这份映射。"
        "看不出是哪张表时用 `--table` 指定，`--to` 写成新文件(每张工作表一个，文件名后加表名)。"
        "\n\nYAML 文件，例如：",
    ),
    "kinds": Label(
        "Files may be delimited text, Parquet, workbooks (.xlsx, .xls, .ods) or tables of a web page, also "
        "those that call themselves .xls; text, workbook or page may lie in a .gz, or alone in a .zip. "
        "What a file is, is told by its beginning, not by its suffix. Text and pages are read in bounded "
        "memory; a workbook must be in memory as a whole, so .xls is read up to 100 MB and .xlsx up to 512 "
        "MB unpacked. "
        "Its days, instants and times of day come as `2026-08-01`, `2026-08-01 10:00:00` and `10:00:00`, "
        "whatever the sheet shows; cells with errors are empty. "
        "Names in a header may hold line breaks: Chinese words are joined without, others with a blank. "
        "Rows that repeat the header, as where exports were joined, are passed over and counted; so is an "
        "empty column that a delimiter at the line ends makes, and what such delimiters add to single "
        "lines.",
        "文件可以是分隔文本、Parquet、工作簿(.xlsx、.xls、.ods)或网页表格(包括扩展名写成 .xls 的)；文本、"
        "工作簿和网页可以用 .gz 压缩，或单独放在一个 .zip 里。"
        "文件是什么由内容开头判断，不看扩展名。读取文本和网页占用的内存有上限；工作簿必须整个放入内存，"
        "因此 .xls 最大 100 MB，.xlsx 解压后最大 512 MB。"
        "工作簿里的日期、日期时间和时刻一律读作 `2026-08-01`、`2026-08-01 10:00:00` 和 `10:00:00`，"
        "与显示格式无关；出错的单元格视为空。"
        "表头名称可以含换行：汉字之间直接相连，其他以空格相连。"
        "重复出现的表头行(例如拼接的导出文件)会跳过并计数；行尾多余分隔符造成的空列，"
        "以及个别行在最后一列之后多出的空单元格，也会忽略并计数。",
    ),
    "contracts": Label("## Contracts", "## 数据契约"),
    "reasons": Label("## Why a row is refused", "## 拒收原因"),
    "repairs": Label("## What is put right", "## 自动修正"),
    "reading": Label("## How values are read", "## 取值如何读取"),
}


def contracts_markdown(language: Language) -> str:
    """The whole page `records.md` in one language."""

    def say(name: str) -> str:
        return render(TEXTS[name], language)

    lines = [say("title"), "", say("intro"), "", say("delivery"), "", say("kinds"), "", say("contracts"), ""]
    for contract in CONTRACTS.values():
        lines += _contract(contract, language)
    lines += [text for part in HISTORY for text in (render(part, language), "")]
    lines += [say("mapping"), "", say("example"), "", EXAMPLE, ""]
    for place, keys in KEYS.items():
        lines += [f"### {render(PLACES[place], language)}", ""]
        head = Label("Key", "键"), Label("Meaning", "含义")
        lines += [*_table(head, ((f"`{key}`", meaning) for key, meaning in keys), language), ""]
    lines += [say("reading"), "", *_reading(language), ""]
    lines += [say("repairs"), "", *(f"- `{r.code}`: {render(r.label, language)}" for r in REPAIRS), ""]
    head = Label("Reason", "原因"), Label("What is wrong, and what to do", "问题与处理办法")
    rows = ((f"`{reason}`", render(_open(reason), language)) for reason in Reason)
    lines += [say("reasons"), "", *_table(head, rows, language)]
    return "\n".join(lines) + "\n"


def _contract(contract: Contract, language: Language) -> list[str]:
    head = (
        Label("Column", "列"),
        Label("Name", "名称"),
        Label("Kind", "类型"),
        Label("Required", "必填"),
        Label("Unit, range, codes", "单位、范围、代码"),
    )
    yes = Label("yes", "是")
    rows = (
        (f"`{c.name}`", c.label, KINDS[c.kind], yes if c.required else "", _limits(c, contract, language))
        for c in contract.columns
    )
    key = ", ".join(f"`{name}`" for name in contract.key)
    if contract.events:
        ones = Label(
            "Two rows are one record only if all that they say is equal, unused columns of the file included",
            "只有所有内容(包括文件中未使用的列)都相同的两行才算同一条记录",
        )
        if contract.repeats:
            ones = Label(
                "Each row of a file is a record, equal ones too",
                "文件中每一行都是一条记录，完全相同的行也分别计入",
            )
        told = Label(
            f"{ones.en}. Day of the row: `{contract.dated_by}`.",
            f"{ones.zh}。行所属日期：`{contract.dated_by}`。",
        )
    else:
        told = Label(
            f"Key: {key}. Day of the row: `{contract.dated_by}`.",
            f"主键：{key}。行所属日期：`{contract.dated_by}`。",
        )
    refers = Label(" Refers to `subscribers`.", " 引用 `subscribers`。") if contract.refers else Label("", "")
    return [
        f"### `{contract.name}`: {render(contract.label, language)}",
        "",
        render(told, language) + render(refers, language),
        "",
        *_table(head, rows, language),
        "",
    ]


def _limits(column: Column, contract: Contract, language: Language) -> str:
    parts = [column.unit] if column.unit else []
    if column.low is not None or column.high is not None:
        low = "" if column.low is None else f"{column.low:,.0f}"
        high = "" if column.high is None else f"{column.high:,.0f}"
        parts.append(f"{low} .. {high}".strip())
    if column.codes:
        parts.append(", ".join(f"`{code}`" for code in column.codes))
    if column.past:
        parts.append(render(Label("today at the latest", "不晚于今天"), language))
    if column.first_of_month:
        parts.append(render(Label("first day of a month", "每月第一天"), language))
    days = contract.days_ahead(column.name)
    for start in contract.starts(column.name):
        by = Label(f"not before `{start}`", f"不早于 `{start}`")
        ahead = Label(f"at most {days} days before `{start}`", f"最多早于 `{start}` {days} 天")
        parts.append(render(ahead if days else by, language))
    if column.spared:
        codes = ", ".join(f"`{code}`" for code in column.spared)
        parts.append(render(Label(f"blank for {codes}: 0", f"{codes} 为空时计 0"), language))
    return "; ".join(parts)


def _reading(language: Language) -> list[str]:
    dates, instants = (", ".join(f"`{f}`" for f in formats) for formats in (DATE_FORMATS, INSTANT_FORMATS))
    yes, no = ("/".join(words) for words in (YES, NO))
    nothing = ", ".join(f"`{word}`" for word in UNKNOWN)
    told = (
        Label(f"Dates without `formats`: {dates}.", f"未写 `formats` 的日期：{dates}。"),
        Label(f"Instants without `formats`: {instants}.", f"未写 `formats` 的时间：{instants}。"),
        Label(
            f"The day of a row lies from {EARLIEST_RECORD} to today; other dates from {EARLIEST_DATE} on.",
            f"行所属日期须在 {EARLIEST_RECORD} 至今天之间；其他日期不早于 {EARLIEST_DATE}。",
        ),
        Label(
            "Instants are kept in the operator's wall time (`TELEWAVE_TIMEZONE`), and days are that wall's "
            "days; instants with "
            "an offset, and those of a mapping's `timezone`, are moved there. An instant in a column of "
            "dates is moved before it is cut to its day: "
            "`2026-07-31T16:30:00+0000` is 1 August in Shanghai. `24:00:00` is 0:00 of the next day.",
            "时间按运营商当地时间(`TELEWAVE_TIMEZONE`)保存，日期即当地日期；带时差的时间和映射文件中 "
            "`timezone` 的时间会换算为当地时间。"
            "日期列中写了时刻的，先换算再取日期：`2026-07-31T16:30:00+0000` 在上海是 8 月 1 日。`24:00:00` "
            "是次日 0 点。",
        ),
        Label(
            "Numbers that touch are read at their full width only: `2026111` is no date. Serial days of a "
            "spreadsheet: 59 is 28 February 1900, 60 is no day, 61 is 1 March 1900 (`excel_1900`).",
            "相连的数字只按完整位数读取：`2026111` 不是日期。电子表格序列号：59 是 1900 年 2 月 28 日，60 "
            "不是日期，61 是 1900 年 3 月 1 日(`excel_1900`)。",
        ),
        Label(
            "Money must come out in whole minor units; other whole numbers are rounded after a `factor`.",
            "金额换算后必须是整数个最小货币单位；其他整数在乘以 `factor` 后四舍五入。",
        ),
        Label(f"Flags: {yes} and {no}.", f"是/否：{yes} 与 {no}。"),
        Label(
            f"These words are blank unless the mapping calls them `known`, or they are codes: {nothing}. "
            "The report says how often, except of words that the mapping itself lists as `missing`.",
            f"下列写法视为空，除非映射在 `known` 中列出，或本身就是代码：{nothing}。报告会说明次数；"
            "映射自己在 `missing` 中列出的写法不计。",
        ),
        Label(
            "Durations may be written `00:03:25`, `3分25秒` or `1h3m`; `%M:%S` and `%H:%M` are said under "
            "`formats`. What names its units takes no `factor`.",
            "时长可写成 `00:03:25`、`3分25秒` 或 `1h3m`；`%M:%S` 与 `%H:%M` 须写在 `formats` 中。"
            "自带单位的时长不乘 `factor`。",
        ),
        Label(
            "Codes are the same however a file writes them: `1` and `1.0`, `TRUE` and `True`, unless the "
            "mapping lists both.",
            "代码的写法不同仍视为相同：`1` 与 `1.0`、`TRUE` 与 `True`，除非映射分别列出。",
        ),
    )
    return [f"- {render(line, language)}" for line in told]


def _open(reason: Reason) -> Label:
    """The sentence of a reason in both languages, its places shown as names."""
    names = {"column": "[column]", "value": "[value]", "limit": "[limit]"}
    chinese = {"column": "[列]", "value": "[值]", "limit": "[范围]"}
    from telewave.platform.languages import translations

    template = REMEDIES[reason].template.replace("!r", "")
    translated = translations("zh").gettext(REMEDIES[reason].template).replace("!r", "")
    return Label(template.format(**names), translated.format(**chinese))


def _table(head: Sequence[Label], rows: Iterable[Sequence[Label | str]], language: Language) -> list[str]:
    def line(cells: Iterable[Label | str]) -> str:
        return "| " + " | ".join(render(cell, language).replace("|", "\\|") for cell in cells) + " |"

    return [line(head), "|" + " --- |" * len(head), *(line(row) for row in rows)]
