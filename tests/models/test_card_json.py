"""What the registry stores of a model is read back as it was."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telewave.features.model import Variable, VariableKind
from telewave.kernel import Estimate, Inconclusive, Label, Message
from telewave.models.calibration import Calibration
from telewave.models.card_json import (
    FORM,
    NewerCard,
    UnreadableCard,
    card_from_json,
    card_to_json,
    from_json,
    to_json,
)
from telewave.models.model import Contribution, LeakFinding, LeakRule, ResponseBin

words = st.text(max_size=12)
shares = st.floats(allow_nan=False)
labels = st.builds(Label, words, words)
leaves = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), shares, words, labels)
messages = st.builds(
    lambda values: Message("{a} of {b}", **values), st.fixed_dictionaries({"a": leaves, "b": leaves})
)
variables = st.builds(Variable, name=words, label=labels, kind=st.sampled_from(VariableKind), unit=words)
estimates = st.builds(
    Estimate, value=shares, low=shares, high=shares, n=st.integers(0), method=words, level=shares
)
values = st.one_of(
    leaves,
    messages,
    st.datetimes(timezones=st.just(UTC)),
    st.builds(Contribution, variables, shares),
    st.builds(Calibration, shares, shares, words, st.integers(0)),
    st.builds(LeakFinding, st.sampled_from(LeakRule), words, messages, st.booleans()),
    st.builds(
        ResponseBin,
        low=shares,
        high=shares,
        category=words,
        missing=st.booleans(),
        n=st.integers(0),
        takers=st.integers(0),
        rate=estimates,
    ),
    st.builds(Inconclusive, messages),
)


def stored(value):
    """`value` through JSON text, as it lies in a file or in a column of the database."""
    return from_json(json.loads(json.dumps(to_json(value), allow_nan=False)))


@given(st.recursive(values, lambda inner: st.lists(inner, max_size=4).map(tuple)))
def test_whatever_a_card_is_made_of_is_read_back_as_it_was(value):
    assert stored(value) == value


def test_a_whole_card_is_read_back_as_it_was(toy):
    card = toy[1].card
    assert stored(card) == card


def test_unknown_numbers_are_stored_as_numbers_and_not_as_none():
    assert math.isnan(stored(math.nan))
    assert stored((math.inf, -math.inf)) == (math.inf, -math.inf)


def test_a_message_within_a_message_stays_one_to_be_translated():
    inner = Message("unknown")
    assert stored(Message("{variable} is {value}", variable=Label("Age", "年龄"), value=inner)).values == {
        "variable": Label("Age", "年龄"),
        "value": inner,
    }


def test_instants_keep_their_zone():
    at = datetime(2026, 7, 1, 8, 30, tzinfo=UTC)
    assert stored(at) == at
    assert stored(at).tzinfo is not None


@pytest.mark.parametrize(
    "raw",
    [
        {"is": "Horoscope"},
        {"is": "Calibration", "slope": 1.0, "colour": "red"},  # a field that this version does not know
        {"is": "Contribution", "share": 0.5},  # a field that this version needs
        [{"is": "Label", "en": "Age", "zh": "年龄"}, {"is": "Horoscope"}],
    ],
)
def test_what_another_version_wrote_is_refused_with_a_remedy(raw):
    with pytest.raises(UnreadableCard, match="Train the model again, or use the version that wrote it"):
        from_json(raw)


def test_a_card_of_the_form_without_the_rates_uncertainty_is_brought_up_to_date(toy):
    card = toy[1].card
    old = to_json(card)
    del old["rate"], old["version"]
    read = card_from_json(json.loads(json.dumps({"card": old})))
    assert read == card
    assert read.version is None


def test_a_card_says_its_form_and_not_its_version(toy):
    written = card_to_json(replace(toy[1].card, version=7))
    assert written["form"] == FORM
    assert card_from_json(json.loads(json.dumps(written))).version is None


def test_a_card_of_a_form_to_come_is_refused_with_a_remedy(toy):
    with pytest.raises(NewerCard, match="or train the model again"):
        card_from_json(card_to_json(toy[1].card) | {"form": FORM + 1})


def test_something_else_in_place_of_a_card_is_refused():
    with pytest.raises(UnreadableCard):
        card_from_json({"form": FORM, "card": to_json(Label("Age", "年龄"))})
