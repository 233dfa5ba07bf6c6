"""What is delivered: files by their names, what is known of each, and what one takes the place of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Facts
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from telewave.kernel import Conflict, Malformed, Missing, TelewaveError
from telewave.platform.settings import COUNTRY
from telewave.platform.warehouse import Manifest, Warehouse
from telewave.records.contents import delivery_of
from telewave.records.contracts import CONTRACTS
from telewave.records.mapping import Mapping, Native, SampleMapping, TableMapping
from telewave.records.model import Contract
from telewave.records.reading import NoSuchFile, NotAFile
from telewave.records.report import FileReport, added
from telewave.records.snapshots import brought_by
from telewave.records.telephone import form_of_country


class NoFiles(Missing):
    """No file was given. Name at least one file to read."""

    code = "no_files"


class SameDeliveryName(Malformed):
    """Two of the files are both called {name}. A delivery is known by its file name: rename one of them."""

    code = "same_delivery_name"


class NotATableFolder(Malformed):
    """{file} lies in the folder {folder}, which is no table's name. Put files in contract form
    under one of {tables}, or give a mapping file.
    """

    code = "not_a_table_folder"


class EarlierDaysLost(Conflict):
    """{file} would take the place of the delivery {delivery}, which brought {rows} rows of {days}, days that {file}
    holds no good row of. If it is another delivery, rename it; if it is meant to replace that one, add --replace.
    """

    code = "earlier_days_lost"


class SeveralSampleFiles(Malformed):
    """An outside table is made of one file, and {count} were given: {files}. Join them into one, or give each a
    mapping with a name of its own under `samples`.
    """

    code = "several_sample_files"


class NoRecordsFolder(Missing):
    """There is no folder {folder} with tables in contract form. Name the folder that holds
    `records/<table>/<day>.parquet`.
    """

    code = "no_records_folder"


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """A readable file. `delivery`: the name it is known by; `digest`: of what it holds and of how it was mapped."""

    path: Path
    delivery: str
    digest: str


def native_files(folder: Path) -> list[list[Path]]:
    """The files of each table of a folder in contract form, in the order of the contracts. Raises `NoRecordsFolder`."""
    root = folder / "records" if (folder / "records").is_dir() else folder
    found = [sorted((root / name).glob("*.parquet")) for name in CONTRACTS]
    if not any(found):
        raise NoRecordsFolder(folder=folder.name)
    return [files for files in found if files]


def each_once(files: Sequence[Path]) -> list[Path]:
    """The files in their order, each once however often and by whatever path it is named."""
    unique: dict[Path, Path] = {}
    for file in files:
        unique.setdefault(file.resolve(), file)
    return list(unique.values())


def table_of(mapping: Mapping, files: Sequence[Path]) -> tuple[str, Contract | None]:
    """The table that the files are for, and its contract; None for an outside one.

    Raises `NoFiles`, `SeveralSampleFiles`, `NotATableFolder`.
    """
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


def delivered(
    files: Sequence[Path], mapping: Mapping, table: str, country: str = COUNTRY
) -> tuple[list[DeliveredFile], list[FileReport]]:
    """The readable files with their digests, and reports of the others. Raises `SameDeliveryName`."""
    names = [delivery_of(file) for file in files]
    for name in names:
        if names.count(name) > 1:
            raise SameDeliveryName(name=name)
    form = "" if isinstance(mapping, Native) else form_of_country(country)
    salt = hashlib.sha256(f"{mapping!r}{form}".encode()).digest()
    with ThreadPoolExecutor(2) as pool:
        digests = list(pool.map(lambda file: _digest(file, salt), files))
    good = [
        DeliveredFile(f, delivery_of(f), d) for f, d in zip(files, digests, strict=True) if isinstance(d, str)
    ]
    bad = [
        problem_of(f, table, d) for f, d in zip(files, digests, strict=True) if isinstance(d, TelewaveError)
    ]
    return good, bad


def of_this_party(
    files: Sequence[DeliveredFile], known: Facts[str, dict[str, Any]], mapping: Mapping
) -> list[DeliveredFile]:
    """The files under the names that they are known by: one taken in for another party already is
    a delivery beside it, not another version.
    """
    if not isinstance(mapping, TableMapping):
        return list(files)
    return [replace(file, delivery=_name_for(file.delivery, known, mapping.party)) for file in files]


def _name_for(name: str, known: Facts[str, dict[str, Any]], party: str) -> str:
    entry = known.get(name)
    taken = entry is not None and entry["accepted"] and entry.get("party", party) != party
    return f"{name} [{party}]" if taken else name


def _digest(file: Path, salt: bytes) -> str | TelewaveError:
    """The digest of what the file holds and of how it was mapped."""
    if file.is_dir():
        return NotAFile(file=file.name)
    try:
        with file.open("rb") as source:
            return hashlib.file_digest(source, lambda: hashlib.blake2b(salt, digest_size=32)).hexdigest()
    except OSError:
        return NoSuchFile(file=file.name)


def damaged(warehouse: Warehouse, table: str, present: Manifest, given: set[str]) -> frozenset[str]:
    """Those of the `given` deliveries whose parts are not what was written, to the
    last byte: bringing them again heals them.
    """
    parts = (
        part for of_day in present.partitions.values() for part in of_day if brought_by(part.origin) in given
    )
    return frozenset(brought_by(part.origin) for part in parts if warehouse.fault(table, part, whole=True))


def settled(known: dict[str, Any], file: DeliveredFile, unsound: frozenset[str]) -> bool:
    """Whether the delivery is in already, whole: one with refused rows is judged
    again, since what it lacked may have come.
    """
    entry = known.get(file.delivery)
    if entry is None or file.delivery in unsound:
        return False
    return bool(entry["digest"] == file.digest and not entry["refused"])


def replaced_rows(
    mapping: Mapping,
    file: DeliveredFile,
    before: Facts[str, dict[str, Any]],
    report: FileReport,
    *,
    anyway: bool,
) -> dict[str, int]:
    """Rows by day that the file takes the place of. Raises `EarlierDaysLost` where it holds nothing of such a day."""
    if isinstance(mapping, SampleMapping):  # the whole table is replaced, whatever its file was called
        return added(entry["days"] for entry in before.values())
    earlier: dict[str, int] = before.get(file.delivery, {}).get("days", {})
    lost = sorted(day for day in earlier if day not in report.days)
    if lost and not anyway:
        days = lost[0] if len(lost) == 1 else f"{lost[0]} – {lost[-1]}"
        rows = f"{sum(earlier[day] for day in lost):,}"
        raise EarlierDaysLost(file=file.path.name, delivery=file.delivery, rows=rows, days=days)
    return earlier


def facts_of(file: DeliveredFile, report: FileReport, today: date, party: str) -> dict[str, Any]:
    """What the manifest says of a delivery that was taken in."""
    return {
        "digest": file.digest,
        "accepted": report.accepted,
        "repaired": report.repaired,
        "refused": [[reason, column, rows] for (reason, column), rows in report.refused.items()],
        "days": dict(report.days),
        "ingested_on": str(today),
        "party": party,
    }


def unchanged(file: DeliveredFile, table: str) -> FileReport:
    """The report of a file that is in already."""
    return FileReport(file=file.path.name, delivery=file.delivery, table=table, unchanged=True)


def problem_of(file: Path, table: str, problem: TelewaveError) -> FileReport:
    """The report of a file that could not be taken as a whole."""
    return FileReport(
        file=file.name, delivery=delivery_of(file), table=table, problem=problem.message, code=problem.code
    )
