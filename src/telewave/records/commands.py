"""Commands of `records` that read files: check, ingest."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Malformed, Message
from telewave.platform.files import STREAM
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.records.mapping import Mapping
    from telewave.records.report import IngestReport


class InputUnnamed(Malformed):
    """What comes from standard input has no name, and the name says which delivery it is. Add
    --name, for example --name calls-2026-07-01.csv.
    """

    code = "input_unnamed"


Paths = Annotated[
    list[Path],
    typer.Argument(help=spoken("Files to read, or one folder with tables in contract form.")),
]
MapFile = Annotated[
    Path | None,
    typer.Option("--map", help=spoken("Mapping file; without it the files must be in contract form.")),
]
Replace = Annotated[
    bool,
    typer.Option(
        "--replace",
        help=spoken("Let a file take the place of an earlier one of its name, even with fewer days."),
    ),
]
Fewer = Annotated[
    bool,
    typer.Option(
        "--fewer",
        help=spoken(
            "A full snapshot (`snapshot: full`) has far fewer entries than the one before, and that is meant."
        ),
    ),
]
NameOfInput = Annotated[
    str,
    typer.Option(
        "--name",
        help=spoken("Name of what comes from standard input (-), as a file's: it says which delivery it is."),
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("check", help=spoken("Read files and say what ingest would do; nothing is changed."))(
        check_command
    )
    app.command("ingest", help=spoken("Bring files into the warehouse."))(ingest_command)


def check_command(
    context: typer.Context,
    files: Paths,
    mapping: MapFile = None,
    replace: Replace = False,
    fewer: Fewer = False,
    name: NameOfInput = "",
    page: Annotated[
        Path | None,
        typer.Option("--report", help=spoken("HTML page to write what stands in the file to.")),
    ] = None,
) -> None:
    """Dry run, and a look at the first file; ends like `ingest`."""
    with given(files, name) as readable:
        _run(context.obj, readable, mapping, dry=True, replace=replace, fewer=fewer, page=page)


def ingest_command(
    context: typer.Context,
    files: Paths,
    mapping: MapFile = None,
    replace: Replace = False,
    fewer: Fewer = False,
    name: NameOfInput = "",
) -> None:
    """Ingest, and end with code 1 where a file could not be taken, or nothing of it was accepted."""
    with given(files, name) as readable:
        _run(context.obj, readable, mapping, dry=False, replace=replace, fewer=fewer)


@contextmanager
def given(files: Sequence[Path], name: str) -> Iterator[Sequence[Path]]:
    """The files to read; standard input among them is one of its own in a folder for its owner only, gone afterwards.

    Raises `InputUnnamed`.
    """
    if STREAM not in files:
        yield files
        return
    parts = [part for part in Path(name).parts if part not in ("/", "..")]
    if not parts:
        raise InputUnnamed
    with TemporaryDirectory() as folder:
        spooled = Path(folder).joinpath(*parts)  # in contract form the folder's name is the table's
        spooled.parent.mkdir(parents=True, exist_ok=True)
        with spooled.open("wb") as out:
            shutil.copyfileobj(sys.stdin.buffer, out)
        yield [spooled if file == STREAM else file for file in files]


def _run(
    session: Session,
    files: Sequence[Path],
    mapping: Path | None,
    *,
    dry: bool,
    replace: bool,
    fewer: bool,
    page: Path | None = None,
) -> None:
    reports = _reports(session, files, _mapping(mapping), dry=dry, replace=replace, fewer=fewer)
    from telewave.records.ingest_report import show_ingested

    show_ingested(session, reports)
    if dry:
        from telewave.records.look_report import show_look_of

        show_look_of(session, reports, files, mapping, page)
    failed = sum(len(report.problems) + len(report.in_vain) for report in reports)
    if failed:
        every = sum(len(report.files) for report in reports)
        session.say(
            Message("Of {every} files, {failed} brought nothing in.", every=every, failed=failed), "bold red"
        )
        raise typer.Exit(1)


def _mapping(path: Path | None) -> Mapping:
    from telewave.records.mapping import NATIVE
    from telewave.records.mapping_file import load_mapping

    return NATIVE if path is None else load_mapping(path)


def _reports(
    session: Session, files: Sequence[Path], mapping: Mapping, *, dry: bool, replace: bool, fewer: bool
) -> tuple[IngestReport, ...]:
    from telewave.records.mapping import NATIVE
    from telewave.records.usecases import check, check_folder, ingest, ingest_folder

    stores, clock = (session.warehouse, session.database), session.clock
    if len(files) == 1 and files[0].is_dir() and mapping == NATIVE:
        folder_case = check_folder if dry else ingest_folder
        return folder_case(*stores, files[0], session.progress, clock.today(), replace=replace)
    case = check if dry else ingest
    read = case(
        *stores,
        mapping,
        files,
        session.progress,
        clock.today(),
        replace=replace,
        fewer=fewer,
        timezone=clock.timezone,
        key_file=session.settings.keys,
        country=session.settings.country,
    )
    return (read,)
