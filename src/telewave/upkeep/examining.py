"""Whether a home is whole: database, key, home id, tables, models, what was learnt, who may read the files, who holds a
lock. Nothing is changed.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from telewave.audit.usecases import look_at
from telewave.choice.usecases import damaged_choices
from telewave.funnel.usecases import damaged_funnels
from telewave.kernel import Label, Message, TelewaveError
from telewave.learning.usecases import damaged_refits
from telewave.models.usecases import damaged_models
from telewave.platform.acquaintance import compared
from telewave.platform.database import Database
from telewave.platform.locks import holder
from telewave.platform.settings import Settings
from telewave.platform.warehouse import LOCK, TURN, Warehouse
from telewave.records.healing import lost_deliveries
from telewave.records.key_keeping import open_keys
from telewave.records.revealing import reveals_apart
from telewave.upkeep.agreeing import definitions_lost, numbers_lost, plans_lost


class Check(Enum):
    """What is looked at."""

    SCHEMA = Label("Schema of the operations database", "业务数据库的结构")
    INTEGRITY = Label("Integrity of the operations database", "业务数据库的完整性")
    BELONGING = Label("Warehouse and database belong together", "数据仓库与业务数据库是否同属一套")
    KEY = Label("Key", "密钥")
    TABLES = Label("Tables and their parts, to the last byte", "各表及其数据文件(逐字节)")
    DELIVERIES = Label("Deliveries on record are in the warehouse", "已登记的交付文件是否都在数据仓库中")
    NUMBERS = Label("Whose number is which, and who saw them", "用户序号与号码查看记录")
    PLANS = Label("Plans, their control groups and approvals", "方案及其对照组与审批")
    DEFINITIONS = Label("Audiences and models are known in both places", "客群与模型两处是否一致")
    MODELS = Label("Models", "模型")
    FUNNELS = Label("Funnels learnt", "已学习的转化漏斗")
    CHOICES = Label("Choice models", "选择模型")
    READABLE = Label("Readable by their owner only", "文件仅所有者可读")
    AUDIT = Label("The audit log, and what it tells of numbers shown", "审计日志及其所记的号码查看")
    LOCKS = Label("Locks", "锁")


CHECKS = tuple(Check)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong, with what to do."""

    check: Check
    told: Message


@dataclass(frozen=True, slots=True)
class Stores:
    """What is examined."""

    settings: Settings
    warehouse: Warehouse
    database: Database


def examine(settings: Settings, warehouse: Warehouse, database: Database) -> list[Fault]:
    """All that is wrong, in the order of `CHECKS`."""
    stores = Stores(settings, warehouse, database)
    return [Fault(check, told) for check in CHECKS for told in _faults(_LOOKS[check], stores)]


def _faults(look: Callable[[Stores], Iterator[Message]], stores: Stores) -> Iterator[Message]:
    """What `look` finds; an error that ends it is a finding itself."""
    try:
        yield from look(stores)
    except TelewaveError as error:
        yield error.message


def _schema(stores: Stores) -> Iterator[Message]:
    stores.database.see_schema()
    yield from ()


def _integrity(stores: Stores) -> Iterator[Message]:
    for cause in stores.database.faults():
        yield Message("The database says: {cause}. Restore it from the backup.", cause=cause)


def _belonging(stores: Stores) -> Iterator[Message]:
    compared(stores.warehouse, stores.database)
    yield from ()


def _ready(stores: Stores) -> bool:
    """Whether the database has its tables; where not, the schema's check says so."""
    try:
        return stores.database.see_schema() is not None
    except TelewaveError:
        return False


def _audit(stores: Stores) -> Iterator[Message]:
    """The log against itself and its anchors, and reveals on record against the log."""
    if not _ready(stores):
        return
    looked = look_at(stores.database, stores.settings.anchors)
    for finding in looked.found:
        yield Message("{finding} To look closer: telewave audit verify", finding=finding.told)
    for number in reveals_apart(stores.database, looked.revealed):
        yield Message(
            "Reveal {number} is on record with other subscribers than the audit log tells.", number=number
        )


def _key(stores: Stores) -> Iterator[Message]:
    if _ready(stores):
        open_keys(stores.settings.keys, stores.database, create=False)
    yield from ()


def _tables(stores: Stores) -> Iterator[Message]:
    """Each table's manifest, and each of its parts to the last byte."""
    warehouse = stores.warehouse
    for folder in sorted(path for path in warehouse.root.glob("*") if path.is_dir()):
        try:
            partitions = warehouse.manifest(folder.name).partitions
        except TelewaveError as error:
            yield error.message
            continue
        for partition, parts in partitions.items():
            for part in parts:
                if (fault := warehouse.fault(folder.name, part, whole=True)) is not None:
                    yield warehouse.damage(folder.name, partition, part, fault).message


def _deliveries(stores: Stores) -> Iterator[Message]:
    if not _ready(stores):
        return
    for table, name in lost_deliveries(stores.warehouse, stores.database):
        yield Message(
            (
                "The delivery {name} of {table} is on record, but not in the warehouse. Give it to telewave "
                "ingest again, or restore the warehouse from the backup."
            ),
            name=name,
            table=table,
        )


def _numbers(stores: Stores) -> Iterator[Message]:
    if _ready(stores):
        yield from numbers_lost(stores.warehouse, stores.database)


def _plans(stores: Stores) -> Iterator[Message]:
    if _ready(stores):
        yield from plans_lost(stores.warehouse, stores.database)


def _definitions(stores: Stores) -> Iterator[Message]:
    if _ready(stores):
        yield from definitions_lost(stores.warehouse, stores.database, stores.settings.models)


def _models(stores: Stores) -> Iterator[Message]:
    if _ready(stores):
        yield from damaged_models(stores.settings.models, stores.database)


def _funnels(stores: Stores) -> Iterator[Message]:
    yield from damaged_funnels(stores.settings.home)
    yield from damaged_refits(stores.settings.home)


def _choices(stores: Stores) -> Iterator[Message]:
    return damaged_choices(stores.settings.home)


def _readable(stores: Stores) -> Iterator[Message]:
    """What Telewave keeps that others may read. The home's own folder, and reports in it, are their owner's
    business.
    """
    settings, home = stores.settings, stores.settings.home
    folders = (settings.warehouse, settings.models)
    kept = (path for folder in folders for path in (folder, *folder.rglob("*")))
    places = [settings.keys, *home.glob("operations.sqlite*"), *kept]
    open_to_others = [path for path in places if path.exists() and _others_may(path)]
    if open_to_others:
        yield Message(
            "{count} files or folders may be read by others, such as {file}. Close them: chmod -R go= {home}",
            count=len(open_to_others),
            file=str(open_to_others[0]),
            home=str(home),
        )


def _others_may(path: Path) -> bool:
    return bool(stat.S_IMODE(path.lstat().st_mode) & 0o077) and not path.is_symlink()


def _locks(stores: Stores) -> Iterator[Message]:
    """Who holds a lock now. A lock of a process that ended is free: the kernel gives it back."""
    root = stores.warehouse.root
    for file in sorted((*root.glob(f"*/{LOCK}"), *root.glob(f"*/{TURN}"))):
        if (owner := holder(file)) is not None:
            yield Message(
                (
                    "The table {table} is being changed by {owner}, since {since}. If that hangs, end the "
                    "process: nothing is left half done."
                ),
                table=file.parent.name,
                owner=owner.told(),
                since=owner.since,
            )


_LOOKS: dict[Check, Callable[[Stores], Iterator[Message]]] = {
    Check.SCHEMA: _schema,
    Check.INTEGRITY: _integrity,
    Check.BELONGING: _belonging,
    Check.KEY: _key,
    Check.TABLES: _tables,
    Check.DELIVERIES: _deliveries,
    Check.NUMBERS: _numbers,
    Check.PLANS: _plans,
    Check.DEFINITIONS: _definitions,
    Check.MODELS: _models,
    Check.FUNNELS: _funnels,
    Check.CHOICES: _choices,
    Check.READABLE: _readable,
    Check.AUDIT: _audit,
    Check.LOCKS: _locks,
}
