"""How old somebody is as of a day."""

import datetime as dt

import ibis
import pytest

from telewave.features.wide import whole_months
from telewave.platform.engine import DuckDBEngine


@pytest.mark.parametrize(
    ("as_of", "years"),
    [
        (dt.date(2001, 2, 27), 0),
        (dt.date(2001, 2, 28), 1),  # the last day of the month stands for the day that it does not have
        (dt.date(2001, 3, 1), 1),
        (dt.date(2004, 2, 28), 3),
        (dt.date(2004, 2, 29), 4),
    ],
)
def test_born_on_29_february_one_is_a_year_older_on_28_february_in_years_without_the_29th(
    tmp_path, as_of, years
):
    engine = DuckDBEngine(1, 2, tmp_path)
    born = ibis.memtable({"born": [dt.date(2000, 2, 29)]})
    (row,) = engine.fetch(born.select(months=whole_months(born.born, as_of))).to_pylist()
    engine.close()
    assert row["months"] // 12 == years
