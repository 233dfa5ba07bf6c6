"""A small city for all tests of the simulation, made once."""

import duckdb
import pytest
from tests.once import made_once

from telewave.platform.progress import Silent
from telewave.simulation.city import simulate
from telewave.simulation.plan import CityPlan

CITY = CityPlan(subscribers=24_000, seed=7, workers=2)


@pytest.fixture(scope="session")
def city(tmp_path_factory):
    """The folder of a city at the reference case's own take-up, with three months before and after the launch."""
    return made_once(tmp_path_factory, "city", lambda folder: simulate(CITY, folder, Silent()) and None)[0]


@pytest.fixture(scope="session")
def look(city):
    """Run one SQL statement on the city. `ordinary`: mobile subscribers who stay and are not machines; `april`: their month.

    The tables but usage are in memory, since some are looked at hundreds of times.
    """
    con = duckdb.connect(config={"memory_limit": "2GB"})
    con.execute(f"CREATE VIEW usage AS FROM '{city}/records/usage/*.parquet'")
    for table in (
        "subscribers",
        "bills",
        "payments",
        "contacts",
        "complaints",
        "orders",
        "holdings",
        "devices",
    ):
        con.execute(f"CREATE TABLE {table} AS FROM '{city}/records/{table}/*.parquet'")
    con.execute(f"CREATE TABLE people AS FROM '{city}/truth/people-*.parquet'")
    con.execute(
        "CREATE TABLE ordinary AS SELECT * FROM people WHERE base < 2 AND NOT machine AND churns_in > 7"
    )
    con.execute(
        "CREATE TABLE april AS FROM usage SEMI JOIN ordinary USING (subscriber) "
        "WHERE started_at >= '2026-04-01' AND started_at < '2026-05-01'"
    )
    yield lambda sql: con.execute(sql).fetchall()
    con.close()
