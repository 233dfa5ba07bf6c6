"""Settings: read once from the environment, each documented in docs/reference/settings.md."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from telewave.kernel import Label, Malformed, Message
from telewave.platform.time_zones import is_timezone


class UnreadableSetting(Malformed):
    """The setting {name} is {value!r}, which cannot be read: {expected}. Correct it in the environment."""

    code = "unreadable_setting"


HOME = "telewave-home"
SPILL = "spill"
"""Folder in the home of what does not fit in memory while a command runs."""
KEY_FILE = "identity.key"
ANCHOR_FILE = "audit-anchors.jsonl"
TIMEZONE = "Asia/Shanghai"
COUNTRY = "CN"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its environment variable, default and meaning."""

    variable: str
    default: str
    meaning: Label


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "TELEWAVE_HOME",
        HOME,
        Label(
            (
                "Folder that holds the warehouse, the embedded operations database, keys and models: as named "
                "here, else `telewave-home` in the current folder."
            ),
            (
                "存放数据仓库、内置业务数据库、密钥和模型的文件夹：以此处指定的为准，未指定时为当前文件夹下的 "
                "`telewave-home`。"
            ),
        ),
    ),
    Setting(
        "TELEWAVE_ENGINE",
        "duckdb",
        Label(
            "Warehouse engine: duckdb (inside the process) or spark (needs the extra `spark` and Java 17).",
            "数据仓库引擎：duckdb(进程内)或 spark(需要安装 spark 组件和 Java 17)。",
        ),
    ),
    Setting(
        "TELEWAVE_DATABASE",
        "",
        Label(
            "Address of the operations database, e.g. postgresql+psycopg://user@host/telewave. "
            "Empty: SQLite in the home folder.",
            "业务数据库地址，例如 postgresql+psycopg://user@host/telewave。留空则使用主文件夹中的 SQLite。",
        ),
    ),
    Setting(
        "TELEWAVE_LANG",
        "",
        Label(
            "Language of messages and reports: zh or en. Empty: taken from the locale.",
            "消息和报告的语言：zh 或 en。留空则取自系统区域设置。",
        ),
    ),
    Setting(
        "TELEWAVE_MEMORY_GB",
        "4",
        Label(
            "Memory in gigabytes that the DuckDB engine may use before it spills to disk.",
            "DuckDB 引擎在写入磁盘前可使用的内存(GB)。",
        ),
    ),
    Setting(
        "TELEWAVE_THREADS",
        "0",
        Label("Processor threads to use; 0 means all.", "使用的处理器线程数；0 表示全部。"),
    ),
    Setting(
        "TELEWAVE_TIMEZONE",
        TIMEZONE,
        Label(
            "The operator's time zone, wherever the machine stands: today and now are those of this zone, and "
            "records are kept in its wall time.",
            "运营商所在时区，与机器所在地无关：“今天”和“现在”按此时区计算，数据记录按此时区的当地时间保存。",
        ),
    ),
    Setting(
        "TELEWAVE_COUNTRY",
        COUNTRY,
        Label(
            (
                "The operator's country, by its two letters: telephone numbers are brought to one form as they "
                "are dialled there. It stays the same for the life of a home."
            ),
            "运营商所在国家或地区的两位字母代码：号码按当地拨号习惯统一格式。主文件夹投入使用后不可更改。",
        ),
    ),
    Setting(
        "TELEWAVE_KEY_FILE",
        "",
        Label(
            "File of the keys that telephone numbers are encrypted with, for example on another disk than "
            "the data. Made at first use. Empty: "
            "identity.key in the home folder. Keep a backup of it in another place than that of the data.",
            (
                "加密手机号码所用的密钥文件，可以放在与数据不同的磁盘上；首次使用时自动生成。"
                "留空则为主文件夹中的 identity.key。请备份此文件，并与数据备份分开存放。"
            ),
        ),
    ),
    Setting(
        "TELEWAVE_AUDIT_ANCHORS",
        "",
        Label(
            "File of the anchors that the audit log is compared with, best on another machine's disk or one that can "
            "only be added to. Empty: audit-anchors.jsonl in the home folder.",
            "审计日志的锚点文件，最好放在另一台机器的磁盘或只能追加的存储上。"
            "留空则为主文件夹中的 audit-anchors.jsonl。",
        ),
    ),
    Setting(
        "TELEWAVE_WAIT_S",
        "300",
        Label(
            (
                "Seconds that a command waits for another one which is changing the same thing, before it says "
                "who that is and gives up."
            ),
            "另一条命令正在修改同一内容时的等待秒数；超过后说明由谁占用并退出。",
        ),
    ),
    Setting(
        "TELEWAVE_CASE",
        "",
        Label(
            (
                "The case that reports compare groups and contributions with: `reference` (a handset campaign "
                "in one city), or the path of a case file. A campaign that names a case goes before it. Empty: "
                "no comparison."
            ),
            (
                "报告将目标群和变量贡献与之对照的案例：`reference`（某市终端营销活动）或案例文件的路径；"
                "活动文件指定了案例的，以活动文件为准。留空则不对照。"
            ),
        ),
    ),
    Setting(
        "TELEWAVE_UNIVERSAL_CONTROL",
        "0.01",
        Label(
            (
                "Share of all subscribers that no campaign contacts, so that the effect of all campaigns "
                "together can be measured: at least 0, below 1."
            ),
            "任何活动都不接触的用户占全部用户的比例，用于衡量所有活动的总体效果：不小于 0，小于 1。",
        ),
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What the environment asks for, parsed."""

    home: Path
    engine: str
    database_url: str
    language: str
    memory_gb: float
    threads: int
    timezone: str
    country: str
    universal_control: float
    key_file: Path
    anchors: Path
    wait_s: float
    case: str

    @property
    def warehouse(self) -> Path:
        """Folder of the warehouse tables."""
        return self.home / "warehouse"

    @property
    def models(self) -> Path:
        """Folder of fitted models."""
        return self.home / "models"

    @property
    def keys(self) -> Path:
        """File of the keys that outside identifiers are sealed with."""
        return self.key_file


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Parse the settings from `environment` (default: the process's).

    Raises `UnreadableSetting` for a value that cannot be read.
    """
    env = os.environ if environment is None else environment
    raw = {s.variable: env.get(s.variable, s.default) or s.default for s in SETTINGS}
    home = home_folder(env)
    if raw["TELEWAVE_ENGINE"] not in ("duckdb", "spark"):
        raise UnreadableSetting(
            name="TELEWAVE_ENGINE", value=raw["TELEWAVE_ENGINE"], expected="duckdb / spark"
        )
    if not is_timezone(raw["TELEWAVE_TIMEZONE"]):
        raise UnreadableSetting(
            name="TELEWAVE_TIMEZONE",
            value=raw["TELEWAVE_TIMEZONE"],
            expected=Message("the name of a time zone, such as Asia/Shanghai"),
        )
    country = raw["TELEWAVE_COUNTRY"].strip().upper()
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise UnreadableSetting(
            name="TELEWAVE_COUNTRY",
            value=raw["TELEWAVE_COUNTRY"],
            expected=Message("the two letters of a country, such as CN"),
        )
    return Settings(
        home=home,
        engine=raw["TELEWAVE_ENGINE"],
        database_url=raw["TELEWAVE_DATABASE"] or sqlite_address(home / "operations.sqlite"),
        language=raw["TELEWAVE_LANG"],
        memory_gb=_number("TELEWAVE_MEMORY_GB", raw, low=0.5),
        threads=int(_number("TELEWAVE_THREADS", raw, low=0)),
        timezone=raw["TELEWAVE_TIMEZONE"],
        country=country,
        universal_control=_number("TELEWAVE_UNIVERSAL_CONTROL", raw, low=0, below=1),
        key_file=Path(raw["TELEWAVE_KEY_FILE"] or home / KEY_FILE).expanduser().absolute(),
        anchors=Path(raw["TELEWAVE_AUDIT_ANCHORS"] or home / ANCHOR_FILE).expanduser().absolute(),
        wait_s=_number("TELEWAVE_WAIT_S", raw, low=0),
        case=raw["TELEWAVE_CASE"],
    )


def sqlite_address(file: Path) -> str:
    """The address of a SQLite file, whatever characters its path holds.

    >>> sqlite_address(Path("/data/100% what?/x.sqlite"))
    'sqlite:////data/100%25%20what%3F/x.sqlite'
    """
    return f"sqlite:///{quote(str(file))}"


def home_folder(environment: Mapping[str, str] | None = None) -> Path:
    """The home folder that `environment` (default: the process's) names, whatever else it says."""
    env = os.environ if environment is None else environment
    return Path(env.get("TELEWAVE_HOME") or HOME).expanduser().absolute()


def _number(name: str, raw: Mapping[str, str], low: float, below: float = math.inf) -> float:
    try:
        value = float(raw[name])
    except ValueError:
        value = float("nan")
    if not low <= value < below:
        expected = f">= {low:g}" if below == math.inf else f">= {low:g}, < {below:g}"
        raise UnreadableSetting(name=name, value=raw[name], expected=expected)
    return value
