"""Check and ingest: load what is known, judge file by file, save in one switch a table."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from telewave.kernel import Conflict, Label, Malformed, Message, Missing, TelewaveError
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine, exact
from telewave.platform.progress import Progress
from telewave.platform.settings import KEY_FILE, TIMEZONE
from telewave.platform.warehouse import Manifest, Warehouse
from telewave.records import identities, quarantine, store
from telewave.records.contracts import CONTRACTS, SUBSCRIBERS
from telewave.records.destination import Destination, destination
from telewave.records.judging import Judged, compile_plan, judge
from telewave.records.key_keeping import open_keys
from telewave.records.mapping import Mapping, Native, SampleMapping, TableMapping
from telewave.records.model import Contract
from telewave.records.native import NativeFiles
from telewave.records.reading import NoSuchFile, NotAFile
from telewave.records.report import FileReport, IngestReport, added
from telewave.records.samples import judge_sample
from telewave.records.sealing import Keys, momentary


class NoFiles(Missing):
    """No file was given. Name at least one file to read."""

    code = "no_files"


class SameDeliveryName(Malformed):
    """Two of the files are both called {name}. A delivery is known by its file name: rename one of them."""

    code = "same_delivery_name"


class NotATableFolder(Malformed):
    """{file} lies in the folder {folder}, which is no table's name. Put files in contract form under one of {tables}, or give a mapping file."""

    code = "not_a_table_folder"


class NumbersMixed(Conflict):
    """The subscribers of this home were numbered by {present} files, and {given} files would give the same numbers to other people. Use another home folder (TELEWAVE_HOME) for these files."""

    code = "numbers_mixed"


class DatabaseBehind(Conflict):
    """The warehouse knows subscribers up to number {warehouse}, the operations database only up to {database}: it was emptied, or restored from an older backup than the warehouse. Nothing was changed. Restore both from backups of one day, or the database from a later one."""

    code = "database_behind"


class EarlierDaysLost(Conflict):
    """{file} would take the place of the delivery {delivery}, which brought {rows} rows of {days}, days that {file} holds no good row of. If it is another delivery, rename it; if it is meant to replace that one, add --replace."""

    code = "earlier_days_lost"


class SeveralSampleFiles(Malformed):
    """An outside table is made of one file, and {count} were given: {files}. Join them into one, or give each a mapping with a name of its own under `samples`."""

    code = "several_sample_files"


class NoRecordsFolder(Missing):
    """There is no folder {folder} with tables in contract form. Name the folder that holds `records/<table>/<day>.parquet`."""

    code = "no_records_folder"


def check(
    warehouse: Warehouse,
    database: Database,
    mapping: Mapping,
    files: Sequence[Path],
    progress: Progress,
    today: date,
    *,
    replace: bool = False,
    timezone: str = TIMEZONE,
    key_file: Path | None = None,
) -> IngestReport:
    """Say what `ingest` would do; nothing is written to the warehouse or the database.

    `today` is the operator's day; instants are kept in the wall time of `timezone`. `key_file`: where the keys are, None for beside the warehouse.

    Files that cannot be read as a whole are told in the report. Raises `NoFiles`, `SameDeliveryName`,
    `SeveralSampleFiles`, `NotATableFolder`.
    """
    return _run(
        warehouse,
        database,
        mapping,
        files,
        progress,
        today,
        dry=True,
        replace=replace,
        timezone=timezone,
        key_file=key_file,
    )


def ingest(
    warehouse: Warehouse,
    database: Database,
    mapping: Mapping,
    files: Sequence[Path],
    progress: Progress,
    today: date,
    *,
    replace: bool = False,
    timezone: str = TIMEZONE,
    key_file: Path | None = None,
) -> IngestReport:
    """Bring the files in: good rows to the table, refused rows to quarantine, all visible in one step.

    A delivery is a file, known by its name without suffix: delivered again with other content it replaces its
    own rows and no other; with the same content nothing changes. A file that would take days away which the earlier
    version had is refused as a whole, unless told to `replace`. Raises like `check`.
    """
    return _run(
        warehouse,
        database,
        mapping,
        files,
        progress,
        today,
        dry=False,
        replace=replace,
        timezone=timezone,
        key_file=key_file,
    )


def ingest_folder(
    warehouse: Warehouse,
    database: Database,
    folder: Path,
    progress: Progress,
    today: date,
    *,
    replace: bool = False,
) -> tuple[IngestReport, ...]:
    """Ingest `<folder>/records/<table>/*.parquet`, files in contract form, one table after the other. Raises `NoRecordsFolder`."""
    return tuple(
        ingest(warehouse, database, Native(), files, progress, today, replace=replace)
        for files in native_files(folder)
    )


def check_folder(
    warehouse: Warehouse,
    database: Database,
    folder: Path,
    progress: Progress,
    today: date,
    *,
    replace: bool = False,
) -> tuple[IngestReport, ...]:
    """What `ingest_folder` would do: the subscribers of the folder count as known to its other tables."""
    coming = Coming()
    return tuple(
        _run(warehouse, database, Native(), files, progress, today, dry=True, replace=replace, coming=coming)
        for files in native_files(folder)
    )


def native_files(folder: Path) -> list[list[Path]]:
    """The files of each table of a folder in contract form, in the order of the contracts. Raises `NoRecordsFolder`."""
    root = folder / "records" if (folder / "records").is_dir() else folder
    found = [sorted((root / name).glob("*.parquet")) for name in CONTRACTS]
    if not any(found):
        raise NoRecordsFolder(folder=folder.name)
    return [files for files in found if files]


NUMBERING = {"native": Label("contract-form", "契约形式"), "mapped": Label("mapped", "映射")}


@dataclass
class Coming:
    """Subscribers that a check of several tables would have brought in before the table at hand."""

    subscribers: pa.Table | None = None


@dataclass
class _Run:
    """What one run works with."""

    con: Any
    keys: Keys
    database: Database
    mapping: Mapping
    contract: Contract | None
    target: Destination
    today: date
    timezone: str
    replace: bool
    damaged: frozenset[str]
    next_number: int = 0

    def look_up(self) -> None:
        """See `judging.Numbering`."""
        identities.look_up(self.con, self.database)

    def give_numbers(self) -> int:
        """See `judging.Numbering`."""
        before = self.next_number
        self.next_number = identities.give_numbers(
            self.con, self.keys, self.database, before, dry=self.target.dry
        )
        return self.next_number - before


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    delivery: str
    digest: str


def _run(
    warehouse: Warehouse,
    database: Database,
    mapping: Mapping,
    files: Sequence[Path],
    progress: Progress,
    today: date,
    *,
    dry: bool,
    replace: bool,
    timezone: str = TIMEZONE,
    coming: Coming | None = None,
    key_file: Path | None = None,
) -> IngestReport:
    files = _each_once(files)
    table, contract = _table(mapping, files)
    given, spoilt = _deliveries(files, mapping, table)
    _heal(warehouse, database, table, dry=dry)
    present = warehouse.manifest(table)
    damaged = _damaged(warehouse, table, present, {file.delivery for file in given})
    known = present.facts.get("deliveries", {})
    if all(_settled(known, file, damaged) for file in given):
        unchanged = [_unchanged(file, table) for file in given]
        return IngestReport(table, (*unchanged, *spoilt), dry)
    title = Message("Checking {table}", table=table) if dry else Message("Ingesting {table}", table=table)
    with _connection(warehouse) as con, destination(warehouse, table, dry=dry) as target:
        file = key_file or warehouse.root.parent / KEY_FILE
        keys = momentary() if isinstance(mapping, Native) else open_keys(file, database, create=not dry)
        _one_numbering(target, mapping)
        run = _Run(con, keys, database, mapping, contract, target, today, timezone, replace, damaged)
        coming = coming or Coming()
        _prepare(run, coming)
        with progress.step(title, len(given)) as step:
            reports, refused = _each(run, given, step.advance)
        if not dry:
            quarantine.publish(target, refused)
        elif table == SUBSCRIBERS.name:
            coming.subscribers = _subscribers_of(run)
    if not dry:
        quarantine.prune(warehouse, table)
        _heal(warehouse, database, table, dry=False)
    return IngestReport(table, (*reports, *spoilt), dry)


def _each_once(files: Sequence[Path]) -> list[Path]:
    """The files in their order, each once however often and by whatever path it is named."""
    unique: dict[Path, Path] = {}
    for file in files:
        unique.setdefault(file.resolve(), file)
    return list(unique.values())


def _table(mapping: Mapping, files: Sequence[Path]) -> tuple[str, Contract | None]:
    if not files:
        raise NoFiles
    if isinstance(mapping, SampleMapping) and len(files) > 1:
        raise SeveralSampleFiles(count=len(files), files=", ".join(file.name for file in files))
    match mapping:
        case TableMapping():
            return mapping.table, CONTRACTS[mapping.table]
        case SampleMapping():
            return mapping.table, None
        case Native():
            for file in files:
                folder = file.absolute().parent.name
                if folder not in CONTRACTS or folder != files[0].absolute().parent.name:
                    raise NotATableFolder(file=file.name, folder=folder, tables=", ".join(CONTRACTS))
            return folder, CONTRACTS[folder]


def _deliveries(files: Sequence[Path], mapping: Mapping, table: str) -> tuple[list[_File], list[FileReport]]:
    """The readable files with their digests, and reports of the others."""
    names = [file.stem for file in files]
    for name in names:
        if names.count(name) > 1:
            raise SameDeliveryName(name=name)
    salt = hashlib.sha256(repr(mapping).encode()).digest()
    with ThreadPoolExecutor(2) as pool:
        digests = list(pool.map(lambda file: _digest(file, salt), files))
    good = [_File(f, f.stem, d) for f, d in zip(files, digests, strict=True) if isinstance(d, str)]
    bad = [_problem(f, table, d) for f, d in zip(files, digests, strict=True) if isinstance(d, TelewaveError)]
    return good, bad


def _digest(file: Path, salt: bytes) -> str | TelewaveError:
    """The digest of what the file holds and of how it was mapped."""
    if file.is_dir():
        return NotAFile(file=file.name)
    try:
        with file.open("rb") as source:
            return hashlib.file_digest(source, lambda: hashlib.blake2b(salt, digest_size=32)).hexdigest()
    except OSError:
        return NoSuchFile(file=file.name)


def _damaged(warehouse: Warehouse, table: str, present: Manifest, given: set[str]) -> frozenset[str]:
    """Those of the `given` deliveries whose parts are not what was written, to the last byte: bringing them again heals them."""
    parts = (part for of_day in present.partitions.values() for part in of_day if part.origin in given)
    return frozenset(part.origin for part in parts if warehouse.fault(table, part, whole=True))


def _settled(known: dict[str, Any], file: _File, damaged: frozenset[str]) -> bool:
    """Whether the delivery is in already, whole: one with refused rows is judged again, since what it lacked may have come."""
    entry = known.get(file.delivery)
    if entry is None or file.delivery in damaged:
        return False
    return bool(entry["digest"] == file.digest and not entry["refused"])


def _each(run: _Run, files: Sequence[_File], advance: Any) -> tuple[list[FileReport], dict[str, Path]]:
    """Judge every file; returns the reports and the files of refused rows by delivery."""
    reports: list[FileReport] = []
    refused: dict[str, Path] = {}
    for file, judged in _judged(run, files):
        advance()
        if judged is not None and judged.quarantine is not None:
            refused[file.delivery] = judged.quarantine
        reports.append(_unchanged(file, run.target.table) if judged is None else judged.report)
        if judged is not None and judged.report.problem is None:
            run.target.deliveries[file.delivery] = _facts(run, file, judged.report)
    return reports, refused


def _judged(run: _Run, files: Sequence[_File]) -> Iterator[tuple[_File, Judged | None]]:
    """Each file with its outcome; None where nothing changes."""
    fast = None
    if isinstance(run.mapping, Native) and run.contract is not None:
        waiting = [f for f in files if not _settled(run.target.deliveries, f, run.damaged)]
        fast = NativeFiles(run.con, run.contract, run.today, run.target, [f.path for f in waiting])
    for file in files:
        if _settled(run.target.deliveries, file, run.damaged):
            yield file, None
            continue
        before = dict(run.target.change.partitions), dict(run.target.deliveries)
        try:
            outcome = _one(run, file, fast)
            replaced = _replaced(run, file, before[1], outcome.report)
            yield file, Judged(outcome.report.replacing(replaced), outcome.quarantine)
        except TelewaveError as problem:  # what was there before stays
            run.target.change.partitions, run.target.deliveries = before
            yield file, Judged(_problem(file.path, run.target.table, problem), None)


def _one(run: _Run, file: _File, fast: NativeFiles | None) -> Judged:
    if isinstance(run.mapping, SampleMapping):
        return judge_sample(run.con, run.mapping, file.path, file.delivery, run.target, run.today, run)
    assert run.contract is not None  # noqa: S101 - every other mapping has one
    if fast is not None:
        run.target.drop(file.delivery)
        if (report := fast.accepted(file.path, file.delivery)) is not None:
            return Judged(report, None)
    mapping = run.mapping if isinstance(run.mapping, TableMapping) else TableMapping(run.contract.name)
    plan = compile_plan(file.path, mapping, run.contract, run.today, run.timezone, native=fast is not None)
    run.target.drop(file.delivery)
    return judge(run.con, plan, file.path, file.delivery, run.target, run)


def _replaced(
    run: _Run, file: _File, before: dict[str, dict[str, Any]], report: FileReport
) -> dict[str, int]:
    """Rows by day that the file takes the place of. Raises `EarlierDaysLost` where it holds nothing of such a day."""
    if isinstance(run.mapping, SampleMapping):  # the whole table is replaced, whatever its file was called
        return added(entry["days"] for entry in before.values())
    earlier: dict[str, int] = before.get(file.delivery, {}).get("days", {})
    lost = sorted(day for day in earlier if day not in report.days)
    if lost and not run.replace:
        days = lost[0] if len(lost) == 1 else f"{lost[0]} – {lost[-1]}"
        rows = f"{sum(earlier[day] for day in lost):,}"
        raise EarlierDaysLost(file=file.path.name, delivery=file.delivery, rows=rows, days=days)
    return earlier


def _facts(run: _Run, file: _File, report: FileReport) -> dict[str, Any]:
    return {
        "digest": file.digest,
        "accepted": report.accepted,
        "repaired": report.repaired,
        "refused": [[reason, column, rows] for (reason, column), rows in report.refused.items()],
        "days": dict(report.days),
        "ingested_on": str(run.today),
    }


def _unchanged(file: _File, table: str) -> FileReport:
    return FileReport(file.path.name, file.delivery, table, unchanged=True)


def _problem(file: Path, table: str, problem: TelewaveError) -> FileReport:
    return FileReport(file.name, file.stem, table, problem=problem.message, code=problem.code)


def _prepare(run: _Run, coming: Coming) -> None:
    """Known subscribers and identities, as temporary relations of the connection."""
    con = run.con
    con.execute("CREATE OR REPLACE TEMP TABLE known_subscriber (subscriber INTEGER)")
    files = _of_subscribers(run)
    if files:
        con.execute(
            "INSERT INTO known_subscriber SELECT DISTINCT subscriber FROM read_parquet(?, hive_partitioning = false)",
            [files],
        )
    if coming.subscribers is not None:
        con.register("coming", coming.subscribers)
        con.execute("INSERT INTO known_subscriber FROM coming EXCEPT FROM known_subscriber")
        con.unregister("coming")
    if not isinstance(run.mapping, Native):
        identities.prepare(con, run.keys)
    highest = con.execute("SELECT coalesce(max(subscriber), -1) FROM known_subscriber").fetchall()[0][0]
    numbered = store.highest_number(run.database)
    if highest > numbered and _numbering(run.target.warehouse) == "mapped":
        raise DatabaseBehind(warehouse=highest + 1, database=numbered + 1)
    run.next_number = max(highest, numbered) + 1


def _numbering(warehouse: Warehouse) -> str | None:
    found: str | None = warehouse.manifest(SUBSCRIBERS.name).facts.get("numbering")
    return found


def _of_subscribers(run: _Run) -> list[str]:
    """The files that say who is known; while subscribers themselves are brought in, those that can be read. Raises `PartDamaged`."""
    if run.target.table != SUBSCRIBERS.name:
        return [exact(file) for file in run.target.warehouse.files(SUBSCRIBERS.name)]
    days = run.target.before
    return [exact(path) for day in days for path, _ in run.target.others(day)]


def _subscribers_of(run: _Run) -> pa.Table:
    """Everybody whom the change under way knows."""
    target = run.target
    files = [exact(path) for day in target.change.partitions for path, _ in target.others(day)]
    if not files:
        return pa.table({"subscriber": pa.array([], pa.int32())})
    query = "SELECT DISTINCT subscriber FROM read_parquet(?, hive_partitioning = false)"
    found: pa.Table = run.con.sql(query, params=[files]).to_arrow_table()
    return found


def _one_numbering(target: Destination, mapping: Mapping) -> None:
    """Subscribers come either in contract form with their numbers, or with outside identifiers; never both in one home."""
    if target.table != SUBSCRIBERS.name:
        return
    given = "native" if isinstance(mapping, Native) else "mapped"
    present = target.change.facts.setdefault("numbering", given)
    if present != given:
        raise NumbersMixed(present=NUMBERING[present], given=NUMBERING[given])


@contextmanager
def _connection(warehouse: Warehouse) -> Iterator[Any]:
    """A DuckDB connection for this run: the warehouse engine's own, or a DuckDB beside another engine."""
    engine = warehouse.engine
    own = None if isinstance(engine, DuckDBEngine) else DuckDBEngine(threads=os.cpu_count() or 1)
    connection = (own or engine).connection.con.cursor()  # type: ignore[attr-defined]
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()
        if own is not None:
            own.close()


def lost_deliveries(warehouse: Warehouse, database: Database) -> list[tuple[str, str]]:
    """Table and name of the deliveries that are on record and that the warehouse does not have. Raises `ManifestSpoilt`, `ManifestLost`."""
    logged = {(entry.table, entry.name) for entry in store.latest_deliveries(database) if entry.accepted}
    present = {
        (table, name)
        for table in {table for table, _ in logged}
        for name in warehouse.manifest(table).facts.get("deliveries", {})
    }
    return sorted((table, name) for table, name in logged - present if table in CONTRACTS)


def _heal(warehouse: Warehouse, database: Database, table: str, *, dry: bool) -> None:
    """Bring the log up to the manifest: what a process killed between the two left out is added."""
    if dry:
        return
    with warehouse.locked(table):  # two processes would log the same twice
        facts = warehouse.manifest(table).facts.get("deliveries", {})
        logged = store.latest_digests(database, table)
        behind = [
            _entry(table, name, entry) for name, entry in facts.items() if logged.get(name) != _version(entry)
        ]
        store.log(database, behind)


def _version(entry: dict[str, Any]) -> str:
    """What tells one outcome of a delivery from another."""
    text = f"{entry['digest']} {entry['accepted']} {entry['refused']}"
    return hashlib.sha256(text.encode()).hexdigest()


def _entry(table: str, name: str, entry: dict[str, Any]) -> store.Delivery:
    days = sorted(entry["days"])
    return store.Delivery(
        table,
        name,
        _version(entry),
        date.fromisoformat(entry["ingested_on"]),
        entry["accepted"],
        entry["repaired"],
        {(reason, column): rows for reason, column, rows in entry["refused"]},
        days[0] if days else None,
        days[-1] if days else None,
    )
