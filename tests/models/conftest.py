import pytest
from tests.models.town import Town
from tests.models.worlds import fit, world

from telewave.platform.engine import DuckDBEngine


@pytest.fixture(scope="session")
def toy():
    """A world and the model fitted on it."""
    made = world()
    return made, fit(made.table)


@pytest.fixture(scope="module")
def engine():
    """DuckDB, shared by a module's tests."""
    made = DuckDBEngine(1, 2)
    yield made
    made.close()


@pytest.fixture
def town(tmp_path, engine):
    """An empty warehouse with ways to fill it."""
    return Town(tmp_path / "warehouse", engine)
