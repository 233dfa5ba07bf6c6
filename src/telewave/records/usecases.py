"""Check and ingest: load what is known, judge file by file, save in one switch a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from datetime import date
from pathlib import Path
from typing import Any

from telewave.kernel import Message, TelewaveError
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Progress
from telewave.platform.settings import COUNTRY, KEY_FILE, SPILL, TIMEZONE
from telewave.platform.warehouse import Warehouse
from telewave.records import quarantine
from telewave.records.absences import settle
from telewave.records.contracts import SUBSCRIBERS
from telewave.records.deliveries import (
    DeliveredFile,
    damaged,
    delivered,
    each_once,
    facts_of,
    native_files,
    of_this_party,
    problem_of,
    replaced_rows,
    settled,
    table_of,
    unchanged,
)
from telewave.records.destination import Destination, destination
from telewave.records.healing import log_what_is_in
from telewave.records.judging import Judged, compile_plan, judge
from telewave.records.key_keeping import open_keys
from telewave.records.look_samples import rows_to_look_at
from telewave.records.mapping import Mapping, Native, SampleMapping, TableMapping
from telewave.records.model import Contract
from telewave.records.native import NativeFiles
from telewave.records.numbering import (
    Coming,
    Numbers,
    numbers_for,
    one_numbering,
    remember_numbered,
    subscribers_of,
)
from telewave.records.report import FileReport, IngestReport
from telewave.records.samples import judge_sample
from telewave.records.sealing import momentary
from telewave.records.snapshots import SAID


def check(
    warehouse: Warehouse,
    database: Database,
    mapping: Mapping,
    files: Sequence[Path],
    progress: Progress,
    today: date,
    *,
    replace: bool = False,
    fewer: bool = False,
    timezone: str = TIMEZONE,
    key_file: Path | None = None,
    country: str = COUNTRY,
) -> IngestReport:
    """Say what `ingest` would do; nothing is written to the warehouse or the database.

    `today` is the operator's day; instants are kept in the wall time of `timezone`. `key_file`: where the keys
    are, None for beside the warehouse. `country`: whose telephone numbers are read as dialled at home. `fewer`: so
    many are really missing from a full snapshot.

    Files that cannot be read as a whole are told in the report. Raises `NoFiles`, `SameDeliveryName`,
    `SeveralSampleFiles`, `NotATableFolder`, `SnapshotCutShort`.
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
        fewer=fewer,
        timezone=timezone,
        key_file=key_file,
        country=country,
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
    fewer: bool = False,
    timezone: str = TIMEZONE,
    key_file: Path | None = None,
    country: str = COUNTRY,
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
        fewer=fewer,
        timezone=timezone,
        key_file=key_file,
        country=country,
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
    """Ingest `<folder>/records/<table>/*.parquet`, files in contract form, one table
    after the other. Raises `NoRecordsFolder`.
    """
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


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What the files of one run are judged with. `unsound`: deliveries whose parts are damaged."""

    con: Any
    numbers: Numbers
    mapping: Mapping
    contract: Contract | None
    target: Destination
    today: date
    timezone: str
    country: str
    replace: bool
    unsound: frozenset[str]

    @property
    def party(self) -> str:
        """Which column of the files says whose the records are."""
        return self.mapping.party if isinstance(self.mapping, TableMapping) else ""

    def settled(self, file: DeliveredFile) -> bool:
        """Whether nothing is to be done for the file."""
        return settled(self.target.deliveries, file, self.unsound)


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
    fewer: bool = False,
    timezone: str = TIMEZONE,
    coming: Coming | None = None,
    key_file: Path | None = None,
    country: str = COUNTRY,
) -> IngestReport:
    files = each_once(files)
    table, contract = table_of(mapping, files)
    given, spoilt = delivered(files, mapping, table, country)
    if not dry:
        log_what_is_in(warehouse, database, table)
    present = warehouse.manifest(table)
    given = of_this_party(given, present.facts.get("deliveries", {}), mapping)
    unsound = damaged(warehouse, table, present, {file.delivery for file in given})
    if all(settled(present.facts.get("deliveries", {}), file, unsound) for file in given):
        return IngestReport(table, (*(unchanged(file, table) for file in given), *spoilt), dry)
    title = Message("Checking {table}", table=table) if dry else Message("Ingesting {table}", table=table)
    coming = coming or Coming()
    with _connection(warehouse) as con, destination(warehouse, table, dry=dry) as target:
        file = key_file or warehouse.root.parent / KEY_FILE
        keys = momentary() if isinstance(mapping, Native) else open_keys(file, database, create=not dry)
        one_numbering(target, mapping)
        run = _Run(
            con=con,
            numbers=numbers_for(con, keys, database, mapping, target, coming, country),
            mapping=mapping,
            contract=contract,
            target=target,
            today=today,
            timezone=timezone,
            country=country,
            replace=replace,
            unsound=unsound,
        )
        with progress.step(title, len(given)) as step:
            reports, refused = _each(run, given, step.advance)
        absences = settle(con, target, meant=fewer)
        remember_numbered(target, run.numbers)
        if not dry:
            quarantine.publish(target, refused)
        elif table == SUBSCRIBERS.name:
            coming.subscribers = subscribers_of(con, target)
    if not dry:
        quarantine.prune(warehouse, table)
        log_what_is_in(warehouse, database, table)
    return IngestReport(table, (*reports, *spoilt), dry, (*run.numbers.notes, *absences))


def _each(
    run: _Run, files: Sequence[DeliveredFile], advance: Callable[[], None]
) -> tuple[list[FileReport], dict[str, Path]]:
    """Judge every file; returns the reports and the files of refused rows by delivery."""
    reports: list[FileReport] = []
    refused: dict[str, Path] = {}
    for file, judged in _judged(run, files):
        advance()
        if judged is not None and judged.quarantine is not None:
            refused[file.delivery] = judged.quarantine
        reports.append(unchanged(file, run.target.table) if judged is None else judged.report)
        if judged is not None and judged.report.problem is None:
            run.target.deliveries[file.delivery] = _facts(run, file, judged)
    return reports, refused


def _facts(run: _Run, file: DeliveredFile, judged: Judged) -> dict[str, Any]:
    facts = facts_of(file, judged.report, run.today, run.party)
    return facts if judged.naming is None else facts | {SAID: judged.naming.facts}


def _judged(run: _Run, files: Sequence[DeliveredFile]) -> Iterator[tuple[DeliveredFile, Judged | None]]:
    """Each file with its outcome; None where nothing changes."""
    fast = None
    if isinstance(run.mapping, Native) and run.contract is not None:
        waiting = [f for f in files if not run.settled(f)]
        fast = NativeFiles(run.con, run.contract, run.today, run.target, [f.path for f in waiting])
    looks = iter(rows_to_look_at(len(files)) if run.target.dry else [0] * len(files))
    for file in files:
        look = next(looks)
        if run.settled(file):
            yield file, None
            continue
        before = dict(run.target.change.partitions), dict(run.target.deliveries)
        facts = dict(run.target.change.facts)
        try:
            outcome = _one(run, file, fast, look=look)
            replaced = replaced_rows(run.mapping, file, before[1], outcome.report, anyway=run.replace)
            yield file, dataclass_replace(outcome, report=outcome.report.replacing(replaced))
        except TelewaveError as problem:  # what was there before stays
            run.target.change.partitions, run.target.deliveries = before
            run.target.change.facts = facts
            yield file, Judged(problem_of(file.path, run.target.table, problem), None)


def _one(run: _Run, file: DeliveredFile, fast: NativeFiles | None, *, look: int) -> Judged:
    if isinstance(run.mapping, SampleMapping):
        return judge_sample(
            run.con,
            run.mapping,
            file.path,
            file.delivery,
            run.target,
            run.today,
            run.timezone,
            run.numbers,
            run.country,
            look=look,
        )
    assert run.contract is not None  # noqa: S101 - every other mapping has one
    if fast is not None:
        run.target.drop(file.delivery)
        if (report := fast.accepted(file.path, file.delivery)) is not None:
            return Judged(report, None)
    mapping = run.mapping if isinstance(run.mapping, TableMapping) else TableMapping(run.contract.name)
    plan = compile_plan(
        file.path,
        mapping,
        run.contract,
        run.today,
        run.timezone,
        native=fast is not None,
        country=run.country,
    )
    run.target.drop(file.delivery)
    return judge(run.con, plan, file.path, file.delivery, run.target, run.numbers, look=look)


@contextmanager
def _connection(warehouse: Warehouse) -> Iterator[Any]:
    """A DuckDB of this run's own: files hold the numbers that people are called by,
    and nothing of them may be spilled in clear.
    """
    given = warehouse.engine
    spill = warehouse.root.parent / SPILL
    own = given.sealed() if isinstance(given, DuckDBEngine) else DuckDBEngine(spill=spill, sealed=True)
    try:
        yield own.connection.con
    finally:
        own.close()
