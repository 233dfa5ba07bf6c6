"""A base with scores and groups, a campaign on it, and a plan that several tests begin from."""

import io
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console
from tests.models.worlds import fit, world
from tests.planning.planned import (
    AS_OF,
    SIZE,
    copied,
    made_plan,
    of_this_size,
    planned,
    put,
)

from telewave.briefs.model import Holdout
from telewave.features.usecases import WIDE
from telewave.features.wide import WIDE_SCHEMA
from telewave.models.store import save
from telewave.models.usecases import SCORES
from telewave.planning import store
from telewave.planning.plans import (
    enter_states,
    latest_plan,
)
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.home import Home
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.platform.warehouse import Warehouse
from telewave.targeting.plan import DEFAULT_PLAN
from telewave.targeting.usecases import group


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory):
    made = Warehouse(tmp_path_factory.mktemp("plan") / "warehouse", DuckDBEngine(1, 2))
    draw = np.random.default_rng(5)
    rows = [
        {
            "subscriber": n, "arpu": float(draw.gamma(3, 30)), "payment": str(draw.choice(["prepaid", "postpaid"])),
            "segment": str(draw.choice(["public", "enterprise"], p=[0.85, 0.15])), "age": 30.0,
            "has_mobile": bool(n % 10 != 0), "has_broadband": bool(n % 3 != 0), "device_generation": "2g",
        }
        for n in range(SIZE)
    ]  # fmt: skip
    put(made, WIDE, pa.Table.from_pylist(rows, schema=WIDE_SCHEMA))
    probability = np.clip(draw.lognormal(-3.5, 0.9, SIZE), 0, 0.9)
    scored = np.arange(SIZE) % 50 != 7
    columns = [
        pa.array(np.arange(SIZE)[scored]).cast(SCORES.field("subscriber").type),
        pa.array(probability[scored]),
    ]
    put(made, "scores.contract_phone", pa.table(columns, schema=SCORES), "contract_phone/1")
    group(made, "contract_phone", AS_OF, DEFAULT_PLAN, Silent())
    yield made
    made.engine.close()


@pytest.fixture
def campaign():
    """The reference case's, of the size of the base."""
    return of_this_size()


@pytest.fixture(scope="session")
def learnt():
    """A model for the registry; who has which score was said above."""
    return fit(world(3_000, seed=1).table)


@pytest.fixture(params=["en", "zh"])
def session(request, warehouse, database, learnt, tmp_path):
    console = Console(file=io.StringIO(), width=200)
    settings = load_settings({"TELEWAVE_HOME": str(tmp_path)})
    save(replace(learnt, name="contract_phone"), settings.models, database)
    return Session(
        language=request.param,
        settings=settings,
        open_home=lambda: Home.of(settings, warehouse, database),
        console=console,
    )


@pytest.fixture
def fresh(request, warehouse, tmp_path):
    """A warehouse of its own with the same scores, for tests that add records; with the plan where the test asks for `plan`."""
    with_plan = "plan" in request.fixturenames
    whole = request.getfixturevalue("twice_planned")[1] if with_plan else warehouse
    made = copied(whole, tmp_path, plans=with_plan)
    yield made
    made.engine.close()


@pytest.fixture(scope="session")
def twice_planned(warehouse, tmp_path_factory):
    """A plan of the reference campaign with two contacts of some subscribers, in a warehouse that is not to be changed."""
    campaign = replace(of_this_size(), most_contacts=2, device_stock=None, holdout=Holdout(0.05, 0.0))
    folder = tmp_path_factory.mktemp("planned")
    made = copied(warehouse, folder, plans=False)
    database = Database(f"sqlite:///{folder / 'operations.sqlite'}")
    database.migrate()
    plan = made_plan(made, database, campaign).plan
    database.close()
    yield campaign, made, plan
    made.engine.close()


@pytest.fixture
def plan(twice_planned, fresh, database):
    """That plan in the test's own warehouse and database: its campaign, and its rows with a day."""
    campaign, _, made = twice_planned
    store.add(database, made)
    return campaign, [row for row in planned(fresh, database, campaign) if row["day"] is not None]


@pytest.fixture
def running(fresh, database, plan):
    """The plan of `plan`, launched."""
    campaign, rows = plan
    made = latest_plan(database, campaign.id, AS_OF)
    with database.transaction() as connection:
        enter_states(connection, {made.hash: "launched"})
    return campaign, rows, made
