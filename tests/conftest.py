"""Fixtures that every capability's tests share: the operations database on both engines, a PostgreSQL of our own, the real data."""

import gc
import os
import pwd
import shutil
import subprocess
import sys
import uuid
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest
import sqlalchemy as sa
from tests.in_memory import MEMORY, Lease, quick_place
from tests.proving import PROVING

from telewave.cli import COLLECT_AFTER
from telewave.platform.database import Database
from telewave.platform.engine import SparkEngine, SparkMissing
from telewave.platform.pages.library import BESIDE, library_is_there

# Compiled once, not by each of some hundred processes: what is imported takes three times as long otherwise.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# As in the program: the search for objects that nobody holds any more is rarer, and goes through all that was loaded.
gc.set_threshold(COLLECT_AFTER)

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = Path("/usr/bin/chromium")

# How long an example takes is the machine's affair. Without a database of examples and with those that follow from the test's own
# text, a test that fails does so for what was changed; `make prove` draws others.
hypothesis.settings.register_profile("test", deadline=None, derandomize=True, database=None)
hypothesis.settings.register_profile("prove", deadline=None, derandomize=False, print_blob=True)
hypothesis.settings.load_profile("prove" if PROVING else "test")

LONGEST_FIRST = (
    "docs/test_readme.py", "tests/test_demo.py", "experiments/test_uplift_command.py", "features/test_spark.py", "planning/test_proposal.py",
    "models/test_own_files.py", "docs/test_tutorial.py", "platform/test_command_line.py", "models/test_real_data.py", "features/test_wide.py",
    "records/test_ingest.py", "audiences/test_usecases.py", "fulfilment/test_killed_after_a_yes.py", "records/test_remedies.py",
    "simulation/test_city.py", "contacts/test_kills.py", "allocation/test_against_highs.py", "upkeep/test_examining.py",
    "outbound/test_calls.py", "customers/test_base.py", "audiences/test_agreement.py", "targeting/test_browser.py", "offers/test_browser.py",
)  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Temporary folders lie in memory where there is enough of it, and are removed at the end: whoever wants to look into them names a place with --basetemp."""
    if hasattr(config, "workerinput") or config.option.basetemp or (place := quick_place()) != MEMORY:
        return
    lease = Lease(place)
    config.option.basetemp = str(lease.folder / "all")
    config.add_cleanup(lease.end)


def pytest_make_parametrize_id(val, argname):
    """The content of a file is no name: a packed one holds the second it was made, and two workers would know a test by two names."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items):
    """Long modules first, so that no processor waits for one of them at the end."""
    place = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get("/".join(item.path.parts[-2:]), len(place)))


def _binaries() -> Path | None:
    """The folder of PostgreSQL's server binaries, newest first; None where they are not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _as_unprivileged(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: root starts it as the account `postgres`, or `nobody`."""
    if os.geteuid() != 0:
        return command
    return ["runuser", "-u", _account(), "--", *command]


def _account() -> str:
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory):
    """Address of an empty PostgreSQL server that lives as long as the tests; `{name}` stands for the database."""
    if find_spec("psycopg") is None:
        _absent("psycopg is not installed")
    binaries = _binaries()
    if binaries is None:
        _absent("PostgreSQL's binaries are not installed")
    folder = quick_place() / f"telewave-postgresql-{uuid.uuid4().hex[:8]}"
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(folder, _account())
    data = str(folder / "data")
    # A socket in a folder of its own instead of a port, which somebody else could take first.
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off"
    try:
        _run(
            [
                str(binaries / "initdb"),
                "-D",
                data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
            ]
        )
        _run(
            [
                str(binaries / "pg_ctl"),
                "-D",
                data,
                "-w",
                "-t",
                "600",
                "-o",
                options,
                "-l",
                str(folder / "log"),
                "start",
            ]
        )
        yield f"postgresql+psycopg://postgres@/{{name}}?host={folder}"
    finally:
        subprocess.run(
            _as_unprivileged([str(binaries / "pg_ctl"), "-D", data, "-m", "immediate", "stop"]),
            check=False,
            capture_output=True,
            cwd="/",
        )
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str]) -> None:
    # Not captured through pipes: the server would inherit and hold them.
    subprocess.run(
        _as_unprivileged(command), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
    )


@pytest.fixture(scope="session")
def postgresql_template(postgresql_url):
    """A migrated database to copy for each test."""
    _administer(postgresql_url, "CREATE DATABASE migrated")
    made = Database(postgresql_url.format(name="migrated"))
    made.migrate()
    made.close()
    return postgresql_url


def _administer(url: str, statement: str) -> None:
    engine = sa.create_engine(url.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """A migrated database to copy for each test."""
    file = tmp_path_factory.mktemp("migrated") / "operations.sqlite"
    made = Database(f"sqlite:///{file}")
    made.migrate()
    made.close()
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request, tmp_path):
    """An operations database at the newest schema, empty; the test runs on both kinds."""
    if request.param == "sqlite":
        file = tmp_path / "operations.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        made = Database(f"sqlite:///{file}")
        yield made
        made.close()
        return
    url, name = request.getfixturevalue("postgresql_template"), f"test_{uuid.uuid4().hex}"
    _administer(url, f"CREATE DATABASE {name} TEMPLATE migrated")
    made = Database(url.format(name=name))
    yield made
    made.close()
    _administer(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def real_data():
    """The folder of real public data; the test is skipped where it is absent."""
    folder = Path(os.environ.get("TELEWAVE_DATA_DIR") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the real data is not at {folder} (TELEWAVE_DATA_DIR names the folder)")
    return folder


@pytest.fixture(scope="session")
def spark_engine():
    """Spark inside this machine, as long as the tests; its start takes some ten seconds."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        _absent("Java is not installed")
    try:
        engine = SparkEngine.local(2)
    except SparkMissing as cause:
        _absent(f"Spark does not start: {cause}")
    engine.session.conf.set("spark.sql.shuffle.partitions", "2")  # tests have hundreds of rows
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium without a window, driven by Playwright, as long as the tests."""
    if find_spec("playwright") is None:
        _absent("Playwright is not installed")
    if not CHROMIUM.exists():
        _absent(f"Chromium is not installed at {CHROMIUM}")
    if not library_is_there():
        _absent("the chart library is not installed: make web")
    if not (BESIDE.parents[2] / "axe-core").is_dir():
        _absent("axe-core is not installed: python3 scripts/web_assets.py --dev")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        opened = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield opened
        opened.close()


def _absent(reason) -> NoReturn:
    """A skip that says why; a failure where TELEWAVE_REQUIRE_ALL asks for everything."""
    if os.environ.get("TELEWAVE_REQUIRE_ALL") == "1":
        pytest.fail(f"{reason}, and TELEWAVE_REQUIRE_ALL=1 asks for it")
    pytest.skip(reason)
