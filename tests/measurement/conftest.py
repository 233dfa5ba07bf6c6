"""A warehouse on DuckDB."""

import pytest

from telewave.platform.engine import DuckDBEngine
from telewave.platform.warehouse import Warehouse


@pytest.fixture
def warehouse(tmp_path):
    made = Warehouse(tmp_path / "warehouse", DuckDBEngine(1, 1))
    yield made
    made.engine.close()
