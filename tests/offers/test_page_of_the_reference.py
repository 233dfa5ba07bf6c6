"""The reference pages' example is a catalogue, and they name every key."""

import re
from pathlib import Path

import pytest

from telewave.kernel import Money
from telewave.offers import catalogue_file as keys
from telewave.offers import terms_file
from telewave.offers.catalogue_file import parse_catalogue
from telewave.offers.economics import Sale, account

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "docs/reference/offers.md", ROOT / "docs/zh/reference/offers.md"]


@pytest.mark.parametrize("page", PAGES, ids=["en", "zh"])
def test_the_example_is_read_as_it_stands(page):
    (example,) = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    offer = parse_catalogue(example).offer("summer-89")
    assert account(offer, [Money(100_00)], sale=Sale(pieces=10)).device_paid == Money(36_990_00)


@pytest.mark.parametrize("page", PAGES, ids=["en", "zh"])
def test_every_key_is_named(page):
    text = page.read_text(encoding="utf-8")
    named = {
        *keys.OFFER_KEYS,
        *keys.CATALOGUE_KEYS,
        *terms_file.CREDIT_KEYS,
        *keys.PROMOTION_KINDS,
        *keys.QUOTA_KEYS,
    }
    assert {key for key in named if key not in text} == set()
