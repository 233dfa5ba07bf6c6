"""Numbers that are names are categories: nobody adds up postcodes."""

import pytest

from telewave.features.model import VariableKind
from telewave.features.usecases import open_samples


def kinds(house, header, rows):
    content = ",".join(header) + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)
    house.ingest("samples: people", house.file("people.csv", content))
    return {v.name: v.kind for v in open_samples(house.warehouse, "people").variables}


def test_numbers_with_zeros_in_front_are_categories_and_keep_them(house):
    rows = [(code, k) for k, code in enumerate(["00801", "10021", "00502"] * 5)]
    found = kinds(house, ("place", "n"), rows)
    assert found == {"place": VariableKind.CATEGORY, "n": VariableKind.NUMBER}
    wide = open_samples(house.warehouse, "people")
    stored = house.engine.fetch(wide.relation.select("place"))["place"].to_pylist()
    assert set(stored) == {"00801", "10021", "00502"}


@pytest.mark.parametrize("name", ["邮编", "area_code", "zip", "小区编码", "tariffcode"])
def test_numbers_that_are_called_codes_are_categories(house, name):
    assert kinds(house, (name, "n"), [(100 + k, k) for k in range(30)])[name] is VariableKind.CATEGORY


def test_long_numbers_of_one_length_that_come_again_and_again_are_categories(house):
    codes = [51017, 20331, 33582, 10294, 44176]
    assert (
        kinds(house, ("where", "n"), [(codes[k % 5], k) for k in range(100)])["where"]
        is VariableKind.CATEGORY
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("income", lambda k: 12_000 + 500 * (k % 5)),
        ("month", lambda k: 202601 + k % 5),
        ("day", lambda k: 20260101 + k % 5),
        ("calls", lambda k: k % 7),
        ("zero", lambda k: 0 if k % 2 else 0.5),
        ("balance", lambda k: 10_007 + 13 * k),
        ("barcode_scans", lambda k: k % 3),
    ],
)
def test_amounts_months_and_counts_stay_numbers(house, name, value):
    assert kinds(house, (name, "n"), [(value(k), k) for k in range(100)])[name] is VariableKind.NUMBER
