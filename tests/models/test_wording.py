"""Values, categories and stretches as people read them."""

import re

import numpy as np
import pyarrow as pa
import pytest

from telewave.features.catalogue import VARIABLES
from telewave.features.model import Variable, VariableKind
from telewave.kernel import Label, Message
from telewave.models.curves import response_curve
from telewave.models.wording import category, figure, is_share, plain, where_high, with_names, with_unit
from telewave.platform.languages import render

BY_NAME = {v.name: v for v in VARIABLES}


@pytest.mark.parametrize("value", [1_200_560.4, 1.23e-7, -8_400_000.0, 0.0, 99.96, 1e12])
def test_no_figure_is_written_with_an_exponent(value):
    assert "e" not in plain(value)
    assert float(plain(value).replace(",", "")) == pytest.approx(value, rel=5e-3)


def test_shares_are_told_in_per_cent_and_nothing_else_is():
    assert figure(BY_NAME["night_share_3m"], 0.0454) == "4.54%"
    assert figure(BY_NAME["calls_3m"], 0.0454) == "0.0454"


def test_every_share_of_the_catalogue_is_known_as_one():
    called_so = {v.name for v in VARIABLES if "占比" in v.label.zh or "比例" in v.label.zh}
    assert {v.name for v in VARIABLES if is_share(v)} == called_so


def test_a_stretch_of_months_is_counted_in_months_in_both_languages():
    assert with_unit(BY_NAME["tenure_months"], 24.0) == Label("24 months", "24 个月")


def test_codes_and_yes_and_no_have_names_and_what_has_none_stays():
    assert category(BY_NAME["payment"], "postpaid") == Label("Postpaid", "后付费")
    assert category(BY_NAME["has_broadband"], "true") == Label("yes", "是")
    assert category(BY_NAME["district"], "Old Town") == Label("Old Town", "Old Town")
    outside = Variable(name="job", label=Label("Job", "职业"), kind=VariableKind.CATEGORY)
    assert category(outside, "prepaid") == Label("prepaid", "prepaid")


def high_of(variable, values, label):
    return where_high(response_curve(variable, pa.chunked_array([pa.array(values)]), label))


@pytest.mark.parametrize(
    ("where", "english", "chinese"),
    [
        (lambda x: x >= 60, r"\d+ years and more", r"不低于 \d+ 岁"),
        (lambda x: x < 30, r"less than \d+ years", r"低于 \d+ 岁"),
        (lambda x: (x >= 35) & (x < 55), r"\d+ to \d+ years", r"\d+ 至 \d+ 岁"),
    ],
)
def test_a_stretch_names_only_the_ends_that_say_something(where, english, chinese):
    rng = np.random.default_rng(4)
    age = rng.integers(16, 80, 20_000).astype(float)
    told = high_of(BY_NAME["age"], age, rng.random(20_000) < np.where(where(age), 0.15, 0.04))
    for language, pattern in (("en", english), ("zh", chinese)):
        shown = render(told, language)
        assert re.fullmatch(pattern, shown), shown


def test_categories_of_high_response_are_listed_by_name():
    rng = np.random.default_rng(4)
    paid = rng.choice(["prepaid", "postpaid"], 8_000)
    told = high_of(BY_NAME["payment"], paid, rng.random(8_000) < np.where(paid == "postpaid", 0.2, 0.05))
    assert (render(told, "en"), render(told, "zh")) == ("Postpaid", "后付费")


def test_the_target_names_the_offer_by_its_title_or_quotes_its_identifier():
    target = Message("took {offer} within {days} days", offer="phone", days=30)
    assert render(with_names(target), "en") == "took “phone” within 30 days"
    titled = with_names(target, Label("the contract smartphone", "合约智能手机"))
    assert render(titled, "zh") == "在 30 天内办理合约智能手机"
    assert target.values["offer"] == "phone"
