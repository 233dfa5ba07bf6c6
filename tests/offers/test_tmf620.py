"""The catalogue as TMF620 objects: every name is one of the standard's, and what it names is the catalogue's."""

import json
import os
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from tests.offers.test_catalogue_file import GOOD

from telewave.offers.catalogue_file import parse_catalogue, reference_case
from telewave.offers.tmf620 import product_offerings

ROOT = Path(__file__).resolve().parents[2]
SWAGGER = "tmf/TMF620-ProductCatalog-v4.1.0.swagger.json"
BEIJING = timezone(timedelta(hours=8))


@pytest.fixture(scope="module")
def definitions():
    """TM Forum's own definitions; the test is skipped where they are absent."""
    folder = Path(os.environ.get("TELEWAVE_STANDARDS_DIR") or ROOT.parent / "shared" / "standards")
    if not (folder / SWAGGER).exists():
        pytest.skip(f"the TM Forum definitions are not at {folder} (TELEWAVE_STANDARDS_DIR names the folder)")
    return json.loads((folder / SWAGGER).read_text(encoding="utf-8"))["definitions"]


def check(value, kind, definitions):
    """Every key is a property of its definition, every required one is there, and every plain value has its type."""
    if "$ref" in kind:
        name = kind["$ref"].rsplit("/", 1)[1]
        properties = definitions[name].get("properties", {})
        if name == "Any":
            return
        assert set(value) <= set(properties), (name, set(value) - set(properties))
        assert set(definitions[name].get("required", ())) <= set(value), name
        for key, inner in value.items():
            check(inner, properties[key], definitions)
    elif kind["type"] == "array":
        assert isinstance(value, list)
        for inner in value:
            check(inner, kind["items"], definitions)
    else:
        types = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}
        assert isinstance(value, types[kind["type"]]), (value, kind)


@pytest.mark.parametrize("catalogue", [reference_case(), parse_catalogue(GOOD)], ids=["case", "all keys"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_name_and_type_is_the_standards(catalogue, language, definitions):
    say = {"en": lambda text: str(text), "zh": lambda text: getattr(text, "zh", str(text))}[language]
    for offering in product_offerings(catalogue, say, BEIJING):
        check(offering, {"$ref": "#/definitions/ProductOffering"}, definitions)


def test_what_is_named_is_the_catalogues():
    one = product_offerings(parse_catalogue(GOOD), str, BEIJING)[0]
    assert one["category"] == [{"id": "contract", "name": "Contract with a tariff"}]
    assert [channel["id"] for channel in one["channel"]] == ["hall", "web"]
    assert one["validFor"] == {
        "startDateTime": "2026-07-01T00:00:00+08:00", "endDateTime": "2026-07-31T23:59:59+08:00",
    }  # fmt: skip
    assert one["productOfferingTerm"][0]["duration"] == {"amount": 24, "units": "month"}
    prices = {
        price["id"]: price["price"]["taxIncludedAmount"]["value"] for price in one["productOfferingPrice"]
    }
    assert prices == {"device": 899.0, "deposit": 200.0, "minimum_spend": 59.0, "minimum_spend.from_20": 49.0}
    taken_off = [alteration["price"]["taxIncludedAmount"]["value"] for alteration in one["productOfferingPrice"][0]["priceAlteration"]]  # fmt: skip
    assert taken_off == [-10.5, -10.0, -60.0, -2697.0, -100.0, -20.0, -200.0, -10.0]
    assert one["marketSegment"][1]["name"] == "arpu >= 50 and segment = 'public'"
    assert product_offerings(parse_catalogue(GOOD), str)[1]["prodSpecCharValueUse"][0]["name"] == "payment"
