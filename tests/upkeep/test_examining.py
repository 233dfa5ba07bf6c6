"""The doctor finds each kind of damage, names what helps, and finds nothing in a home that is whole."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from tests.records.conftest import SUBSCRIBERS, TODAY, usage_row

from telewave.approvals.model import Dossier
from telewave.approvals.store import add
from telewave.bootstrap import open_home
from telewave.kernel.history import ClockBehind
from telewave.planning.plan_tables import AIMS, CLASSES, CONTACTS, CONTROL, PRICES, PlanRows
from telewave.planning.plans import keep
from telewave.platform.locks import held
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings
from telewave.records.key_keeping import open_keys
from telewave.records.mapping_file import parse_mapping
from telewave.records.revealing import reveal
from telewave.records.sealing import make_keys
from telewave.records.store import NumberingLost, RevealedLater, giving
from telewave.records.usecases import ingest
from telewave.upkeep.examining import Check, examine

NOON = datetime(2026, 7, 2, 12, tzinfo=UTC)
SCHEMAS = {"contacts": CONTACTS, "control": CONTROL, "classes": CLASSES, "prices": PRICES, "aims": AIMS}
HEADER = "subscriber,started_at,kind,direction,reach,roaming,peer,duration_s,volume_kb\n"


@pytest.fixture
def home(tmp_path, database):
    """A home with two deliveries, on either kind of database."""
    named = {
        "TELEWAVE_HOME": str(tmp_path / "home"),
        "TELEWAVE_MEMORY_GB": "1",
        "TELEWAVE_DATABASE": database.engine.url.render_as_string(hide_password=False),
    }
    with open_home(load_settings(named)) as made:
        for table, text in (("subscribers", SUBSCRIBERS), ("usage", HEADER + usage_row())):
            file = tmp_path / f"{table}.csv"
            file.write_text(text)
            ingest(made.warehouse, made.database, parse_mapping(f"table: {table}"), [file], Silent(), TODAY)
        yield made


def emptied(home, *tables):
    with home.database.transaction() as connection:
        for table in tables:
            connection.execute(sa.text(f"DELETE FROM {table}"))


def faults(home):
    return examine(home.settings, home.warehouse, home.database)


def found(home):
    return {fault.check: str(fault.told) for fault in faults(home)}


def part(home, table):
    return next((home.warehouse.root / table / "data").glob("*/*.parquet"))


def test_a_home_that_is_whole_has_no_findings(home):
    assert found(home) == {}


def test_a_part_that_changed_in_its_last_byte_is_found_with_its_delivery(home):
    raw = bytearray(part(home, "usage").read_bytes())
    raw[len(raw) // 2] ^= 1
    part(home, "usage").write_bytes(raw)
    told = found(home)
    assert set(told) == {Check.TABLES}
    assert "usage to telewave ingest again" in told[Check.TABLES]


def test_a_lost_manifest_is_found(home):
    (home.warehouse.root / "usage" / "manifest.json").unlink()
    assert "manifest.json from the backup" in found(home)[Check.TABLES]


def test_a_lost_table_is_found_by_its_deliveries(home):
    manifest = home.warehouse.root / "usage" / "manifest.json"
    manifest.write_text(json.dumps({"version": 9, "partitions": {}, "facts": {}}))
    assert "The delivery usage of usage is on record" in found(home)[Check.DELIVERIES]


def test_a_lost_key_is_found(home):
    home.settings.keys.unlink()
    told = found(home)
    assert set(told) == {Check.KEY}
    assert "backup of the keys" in told[Check.KEY]
    assert not home.settings.keys.exists()


def test_the_database_of_another_home_is_found(home):
    with home.database.transaction() as connection:
        connection.execute(sa.text("UPDATE homes SET id = 'another'"))
    assert "do not belong together" in found(home)[Check.BELONGING]


def test_a_key_of_another_home_is_found(home):
    home.settings.keys.unlink()
    make_keys(home.settings.keys)
    told = found(home)
    assert set(told) == {Check.KEY}
    assert "holds another key" in told[Check.KEY]


def test_emptied_identities_are_found_with_how_many_they_were(home):
    emptied(home, "identities")
    told = found(home)
    assert set(told) == {Check.NUMBERS}
    assert "3 subscriber numbers are in use of which the database no longer knows" in told[Check.NUMBERS]


def test_a_hole_in_the_identities_is_found(home):
    with home.database.transaction() as connection:
        connection.execute(sa.text("DELETE FROM identities WHERE number = 1"))
    assert "1 subscriber numbers are in use" in found(home)[Check.NUMBERS]


def test_an_emptied_record_of_the_next_number_is_found_and_gives_nobody_a_number(home):
    emptied(home, "numbering")
    assert "numbering was emptied" in found(home)[Check.NUMBERS]
    with pytest.raises(NumberingLost), giving(home.database):
        pass


def test_reveals_of_which_the_numbers_are_gone_are_found(home):
    reveal(
        home.database,
        open_keys(home.settings.keys, home.database),
        [0, 1],
        by="Li",
        purpose="test",
        now=home.clock.now(),
    )
    assert found(home) == {}
    emptied(home, "revealed")
    assert "Of 1 reveals" in found(home)[Check.NUMBERS]


@pytest.fixture
def planned(home):
    """A home with a plan that was submitted, and whose control group was drawn."""
    rows = PlanRows(**{one: SCHEMAS[one].empty_table() for one in PlanRows.__slots__})
    with home.warehouse.change("drawn.spring") as change:
        file = change.new_file("2026-07-01")
        pq.write_table(pa.table({"subscriber": pa.array([1], pa.int32())}), file)
        change.set("2026-07-01", {file: "spring"})
    made = keep(
        home.warehouse, home.database, {"plan": "spring"}, rows, campaign="spring", as_of=None, now=NOON
    )
    add(
        home.database,
        Dossier("spring"),
        Dossier("spring").drafted("plan.json", made.document, "Li", NOON, "contacts"),
        made.document,
    )
    assert found(home) == {}
    return home


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        (("plans",), "rows of plans that the database does not know"),
        (("plans",), "Plans were submitted that the database does not know"),
        (("campaign_steps",), "who submitted, approved and launched them"),
        (("campaign_steps", "campaign_versions"), "who submitted, approved and launched them"),
    ],
)
def test_emptied_tables_of_plans_and_approvals_are_found(planned, tables, told):
    emptied(planned, *tables)
    assert told in " ".join(str(one.told) for one in faults(planned) if one.check is Check.PLANS)


def test_a_making_that_broke_off_is_no_damage_and_can_be_done_again(planned, monkeypatch):
    rows = PlanRows(**{one: SCHEMAS[one].empty_table() for one in PlanRows.__slots__})

    def again():
        keep(
            planned.warehouse,
            planned.database,
            {"plan": "more"},
            rows,
            campaign="spring",
            as_of=None,
            now=NOON,
        )

    with monkeypatch.context() as dying:
        dying.setattr("telewave.planning.store.add", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            again()
    assert found(planned) == {}, "rows without their plan, but known to be begun"
    again()
    emptied(planned, "plans_begun")
    assert found(planned) == {}, "a plan that is kept is begun no longer"


def test_a_lost_control_group_and_lost_rows_of_a_plan_are_found(planned):
    for table in ("drawn.spring", "plan_contacts"):
        shutil.rmtree(planned.warehouse.root / table)
    told = " ".join(str(one.told) for one in faults(planned))
    assert "control group of spring" in told
    assert "plans whose rows the warehouse does not have" in told


def test_emptied_audiences_and_models_are_found(home):
    with home.warehouse.change("audience.young") as change:
        file = change.new_file("2026-07-01")
        pq.write_table(pa.table({"subscriber": pa.array([1], pa.int32())}), file)
        change.set("2026-07-01", {file: "version 1"})
    (home.settings.models / "phone" / "1").mkdir(parents=True, mode=0o700)
    told = " ".join(str(one.told) for one in faults(home) if one.check is Check.DEFINITIONS)
    assert "are gone: young" in told
    assert "registry: phone/1" in told


def test_neither_plans_nor_reveals_go_back_in_time(planned):
    rows = PlanRows(**{one: SCHEMAS[one].empty_table() for one in PlanRows.__slots__})
    with pytest.raises(ClockBehind, match="the plans of spring"):
        keep(
            planned.warehouse,
            planned.database,
            {"plan": 2},
            rows,
            campaign="spring",
            as_of=None,
            now=NOON - timedelta(days=1),
        )
    keys = open_keys(planned.settings.keys, planned.database)
    reveal(planned.database, keys, [0], by="Li", purpose="test", now=NOON)
    with pytest.raises(RevealedLater, match="were last revealed on 2026-07-02"):
        reveal(planned.database, keys, [0], by="Li", purpose="test", now=NOON - timedelta(days=1))


def test_an_older_schema_is_found_and_nothing_that_needs_the_newest_is_asked(home):
    with home.database.transaction() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001_records'"))
    told = found(home)
    assert set(told) == {Check.SCHEMA}
    assert "telewave migrate" in told[Check.SCHEMA]


def test_rows_that_refer_to_nothing_are_found(home):
    if home.database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's server lets no such row in")
    with home.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("INSERT INTO refusals VALUES (77, 'a', 'b', 1)")
        connection.commit()
    assert "refusals -> deliveries" in found(home)[Check.INTEGRITY]


def test_what_others_may_read_is_found_with_the_command_that_closes_it(home):
    part(home, "usage").chmod(0o644)
    assert "chmod -R go=" in found(home)[Check.READABLE]


def test_who_holds_a_lock_is_told_and_a_free_one_is_not(home):
    with held(home.warehouse.root / "usage" / ".lock", None, home.clock):
        assert "usage is being changed by" in found(home)[Check.LOCKS]
    assert found(home) == {}


def test_learnt_documents_that_cannot_be_read_are_found_with_what_heals_them(home):
    files = []
    for folder in ("funnels", "choices"):
        spring = home.settings.home / folder / "spring"
        spring.mkdir(parents=True)
        for version, content in enumerate(("{}", "[]", "no document", '{"form": 99}'), 1):
            files.append(spring / f"{version}.json")
            files[-1].write_text(content)
    told = faults(home)
    assert [one.check for one in told] == [Check.FUNNELS] * 4 + [Check.CHOICES] * 4
    for file, one in zip(files, told, strict=True):
        said = str(one.told)
        assert str(file) in said
        assert "Restore" in said
        assert "again" in said
