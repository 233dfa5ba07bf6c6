"""What the reference page of records says of the mapping file, key by key, in both languages. Pure."""

from __future__ import annotations

from telewave.kernel import Label
from telewave.records.sample_documentation import KEYS_OF_SAMPLES

KEYS: dict[str, tuple[tuple[str, Label], ...]] = {
    "table": (
        (
            "table",
            Label(
                "Table that the files feed: one of the contracts below.", "文件对应的表：下列数据契约之一。"
            ),
        ),
        ("file", Label("How the files are written; see below.", "文件的书写方式，见下文。")),
        (
            "columns",
            Label(
                "For each column of the contract, the source column's name, or the keys below. A source column that "
                "bears the name or label of a contract column needs no line.",
                "为数据契约的每一列写出来源列名，或使用下列键。来源列名与契约列名或其中英文名称相同的，无需书写。",
            ),
        ),
        (
            "record_id",
            Label(
                "For tables of events: the source column that tells records apart. Rows of one subscriber "
                "with equal numbers are one record, whatever else they say, also in two deliveries of a "
                "day that both name it.",
                "仅用于事件类表：区分各条记录的来源列(如话单流水号)。同一用户编号相同的行视为同一条记录，"
                "其余内容不论；同一天的两次交付都写了编号列时也是如此。",
            ),
        ),
        (
            "reversals",
            Label(
                "For `payments`: `yes`, where amounts below zero take payments back. They are kept, and "
                "are no payments: neither counted, nor late, nor the last one. Without it they are refused.",
                "仅用于 `payments`：`yes` 表示负数金额是冲正。冲正会保存，但不算缴费：不计次数、不算逾期、"
                "不作为上次缴费。不写则拒收负数。",
            ),
        ),
        (
            "continues",
            Label(
                "For `usage`: the source column (number of the call or session) that the parts of one long "
                "call have in common. Equal numbers of one subscriber are one record, from the earliest "
                "start on, with durations and "
                "volumes summed. Not joined are parts that differ in kind, direction, counterparty, reach "
                "or roaming, that begin more than 10 minutes after the end of those before, that lie in "
                "two files, or that together "
                "exceed what a record may hold: they stay records of their own. Where the file has no durations "
                "(`duration_s: {constant: 0}`), a part ends where it starts: only parts that start within 10 minutes "
                "of one another are joined.",
                "仅用于 `usage`：同一次长通话被切成的各段话单共有的来源列(呼叫或会话标识)。"
                "同一用户标识相同的各段合为一条，从最早开始时间算起，时长和流量相加。"
                "类型、方向、对端、长途或漫游不同的，比前面各段结束晚 10 分钟以上才开始的，"
                "分在两个文件里的，合计超出取值范围的，都不合并，仍各自成为一条。"
                "文件没有时长时(`duration_s: {constant: 0}`)，每段视为开始即结束："
                "只有前后开始时间相差不超过 10 分钟的才合并。",
            ),
        ),
        (
            "snapshot",
            Label(
                "For `subscribers` and `holdings`: `full`, where the files name all that is there on their "
                "day, so that what is missing has ended; see above.",
                "仅用于 `subscribers` 和 `holdings`：`full` 表示文件列出当天的全部，缺少的即已离网或失效，见上文。",
            ),
        ),
        (
            "repeats",
            Label(
                "For tables of events: `records`, rows that are equal to the last character are records of "
                "their own; or `once`, they are one (default, but for payments).",
                "仅用于事件类表：`records` 表示内容完全相同的行各是一条记录；`once` 表示只算一条(默认值，缴费除外)。",
            ),
        ),
    ),
    "file": (
        (
            "format",
            Label(
                "`csv` or `parquet`; otherwise by the file's suffix.",
                "`csv` 或 `parquet`；不写则按文件扩展名判断。",
            ),
        ),
        (
            "delimiter",
            Label(
                "One character, or `tab`; otherwise found from the first line.",
                "一个字符或 `tab`；不写则根据首行判断。",
            ),
        ),
        (
            "encoding",
            Label(
                "`auto` (default: byte order mark, then UTF-8, then GB18030), or utf-8, utf-8-sig, "
                "gb18030, gbk, gb2312, big5, utf-16, utf-16-le, utf-16-be.",
                "`auto`(默认：依次尝试字节顺序标记、UTF-8、GB18030)，或 utf-8、utf-8-sig、gb18030、gbk、"
                "gb2312、big5、utf-16、utf-16-le、utf-16-be。",
            ),
        ),
        (
            "header",
            Label(
                "`yes` (default) or `no`; without a header name columns by place: `from: 1`.",
                "`yes`(默认)或 `no`；没有表头时按位置指定列：`from: 1`。",
            ),
        ),
        ("quote", Label('Quote character, `"` by default, or `none`.', '引号字符，默认 `"`，或 `none`。')),
        (
            "decimal",
            Label(
                "`.` (default) or `,`; the other one may stand between groups of thousands.",
                "`.`(默认)或 `,`；另一个可用作千位分隔符。",
            ),
        ),
        (
            "multiline",
            Label(
                "`yes` where quoted values hold line breaks; `no` by default.",
                "引号内的值含换行时写 `yes`；默认 `no`。",
            ),
        ),
        (
            "skip",
            Label(
                "Lines before the header, such as titles: 2. A line `sep=;` is passed over by itself, and "
                "says the delimiter.",
                "表头之前要跳过的行数(标题等)，例如 2。`sep=;` 这样的行会自动跳过，并作为分隔符。",
            ),
        ),
        (
            "sheet",
            Label(
                "Of a workbook with several sheets, the name or number of the right one; of a web page "
                "with several tables, its number.",
                "工作簿有多张工作表时，写工作表的名称或序号；网页有多个表格时，写表格的序号。",
            ),
        ),
        (
            "missing",
            Label(
                "What stands for nothing in every column, beside the empty cell and the words that exports "
                "usually write (see below).",
                "所有列中表示缺失的写法；空单元格和导出文件常用的写法(见下文)不必列出。",
            ),
        ),
        (
            "known",
            Label(
                'Words that would stand for nothing, and are values in these files: `["-"]`.',
                '通常表示缺失、但在这些文件里是取值的写法：`["-"]`。',
            ),
        ),
    ),
    "column": (
        (
            "from",
            Label(
                "Name of the source column, or its place from 1; several as a list.",
                "来源列的名称，或从 1 开始的位置；多列写成列表。",
            ),
        ),
        (
            "combine",
            Label(
                "How several columns become one: `join` (with a blank between), `sum`, or `first` (that is not blank). "
                '`{from: [日期, 时间], combine: join, formats: ["%Y%m%d %H:%M:%S"]}`; '
                "`{from: [上行流量, 下行流量], combine: sum}`, where a blank counts as 0 unless all are.",
                "多列如何合为一列：`join`(以空格拼接)、`sum`(相加)或 `first`(取第一个非空值)。"
                '`{from: [日期, 时间], combine: join, formats: ["%Y%m%d %H:%M:%S"]}`；'
                "`{from: [上行流量, 下行流量], combine: sum}`，其中空值按 0 计，全空则为空。",
            ),
        ),
        (
            "otherwise",
            Label(
                "What a blank counts as, and nothing else: a code, a day as 2026-07-01, an instant as "
                "2026-07-01 10:00:00, else a value as the file would write it. The report says how often.",
                "空值按什么处理(只对空值)：代码；日期写成 2026-07-01；日期时间写成 2026-07-01 10:00:00；"
                "其余按文件的写法。报告会说明次数。",
            ),
        ),
        (
            "constant",
            Label(
                "One value for every row, where the file has no such column.",
                "文件没有该列时，所有行使用的固定值。",
            ),
        ),
        (
            "formats",
            Label(
                "Formats of dates or instants, tried in order: `%Y-%m-%d %H:%M:%S` and the like, or a "
                "name. `epoch_s`, `epoch_ms`: seconds or milliseconds since 1970 in UTC. "
                "`excel_1900`, `excel_1904`: serial days of a spreadsheet, whose workbook says which "
                "system it uses; a fraction is the time, read to the second. "
                "`%p` reads AM, PM, 上午 and 下午.",
                "日期或时间的格式，按顺序尝试：`%Y-%m-%d %H:%M:%S` 之类，或一个名称。`epoch_s`、"
                "`epoch_ms`：自 1970 年起(UTC)的秒数或毫秒数。"
                "`excel_1900`、`excel_1904`：电子表格的日期序列号，用哪种日期系统由工作簿决定；"
                "小数部分是时刻，读到秒。`%p` 可读 AM、PM、上午、下午。",
            ),
        ),
        (
            "missing",
            Label(
                "What stands for nothing in this column, such as `999`.", "该列中表示缺失的写法，例如 `999`。"
            ),
        ),
        (
            "known",
            Label(
                "Words that would stand for nothing, and are values of this column.",
                "通常表示缺失、但在该列是取值的写法。",
            ),
        ),
        (
            "codes",
            Label(
                "What the file writes, and the code it means: `{主叫: out}`. In a column of text, such as "
                "`offer`, what it stands for: "
                "`{合约智能手机: contract_phone}`; what is not listed stays as it is.",
                "文件中的写法与对应代码：`{主叫: out}`。文本列(如 `offer`)中写它代表的内容："
                "`{合约智能手机: contract_phone}`；没有列出的保持原样。",
            ),
        ),
        (
            "factor",
            Label(
                "Multiplier to the contract's unit: 60 for minutes to seconds, 100 for yuan to fen, `1/1024` "
                "for bytes to kB.",
                "换算为契约单位的倍数：分钟换算为秒写 60，元换算为分写 100，字节换算为 kB 写 `1/1024`。",
            ),
        ),
        (
            "kind",
            Label(
                "Of a subscriber or counterparty: `phone`, where every value is a telephone number of "
                "whatever country; `text`, where none is one, and nothing is "
                "changed but blanks and invisible characters. Without it, counterparties are telephone "
                "numbers, and of subscribers those values that are "
                "telephone numbers of the home country (TELEWAVE_COUNTRY) as they are written.",
                "用于用户或对端号码：`phone` 表示全部是电话号码(不限国家)；`text` 表示都不是电话号码，"
                "只去除空格和不可见字符。"
                "不写时，对端号码按电话号码处理；"
                "用户列中只有符合本国(TELEWAVE_COUNTRY)号码写法的值才按电话号码统一格式。",
            ),
        ),
        (
            "days_after_month_end",
            Label(
                "For a date that the file does not have but its month tells: so many days after the end of the month. "
                '`issued_on: {from: 账期, formats: ["%Y%m"], days_after_month_end: 3}` says that bills '
                "come out on the third of the next month.",
                "文件里没有、但可由月份推知的日期：该月月末之后若干天。"
                '`issued_on: {from: 账期, formats: ["%Y%m"], days_after_month_end: 3}` 表示账单于次月 3 日出账。',
            ),
        ),
        (
            "days_before_month",
            Label(
                "Likewise so many days before the first of the month, for bills in advance.",
                "同上，为该月 1 日之前若干天，用于预先出账的账单。",
            ),
        ),
        (
            "timezone",
            Label(
                "Time zone in which the file writes its instants, if not the operator's "
                "(`TELEWAVE_TIMEZONE`): `UTC`, for example. "
                "Instants with an offset (`%z` in `formats`) and counted seconds need none. Of a date it "
                "counts where a time of day is written beside it.",
                "文件中时间所用的时区，与运营商所在时区(`TELEWAVE_TIMEZONE`)不同时填写，例如 `UTC`。"
                "带时差的时间(`formats` 含 `%z`)和自 1970 年起的秒数无需填写。"
                "日期列只有同时写出时刻才需要换算。",
            ),
        ),
    ),
    **KEYS_OF_SAMPLES,
}
"""Every key of a mapping file by the place where it stands."""
PLACES: dict[str, Label] = {
    "table": Label("A mapping onto a contract", "对应到数据契约的映射"),
    "file": Label("`file`", "`file`"),
    "column": Label("A column of a contract", "数据契约的列"),
    "samples": Label("A mapping of an outside table", "外部数据表的映射"),
    "variable": Label("A column of an outside table", "外部数据表的列"),
}
EXAMPLE = """```yaml
table: usage
file:
  delimiter: "|"
  encoding: gb18030
columns:
  subscriber: 用户号码
  started_at: {from: 开始时间, formats: ["%Y%m%d%H%M%S"]}
  kind: {constant: voice}
  direction: {from: 呼叫类型, codes: {主叫: out, 被叫: in}}
  roaming: {constant: none}
  peer: 对端号码
  duration_s: {from: 时长(分钟), factor: 60}
  volume_kb: {constant: 0}
```"""
