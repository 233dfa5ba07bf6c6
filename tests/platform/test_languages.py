"""What a person reads of a message and the values in it."""

import pytest

from telewave.kernel import Label, Malformed, Message
from telewave.platform.languages import render

BUDGET, CALLS = Label("Budget in all", "总预算"), Label("Outbound calls", "外呼")


class NoRoom(Malformed):
    """Nothing fits into {limits}."""


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "Budget in all, Outbound calls"), ("zh", "总预算、外呼")]
)
@pytest.mark.parametrize("kind", [list, tuple])
def test_several_values_are_shown_as_an_enumeration_of_their_names(kind, language, shown):
    assert render(Message("{limits}", limits=kind([BUDGET, CALLS])), language) == shown
    assert render(NoRoom(limits=kind([BUDGET, CALLS])), language).rstrip(".").endswith(shown)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_value_is_shown_as_the_code_writes_it(language):
    nested = Message("{inner}", inner=[Message("{name}", name=BUDGET), NoRoom(limits=(CALLS,)), "plain", 3])
    for value in ([BUDGET], (BUDGET, CALLS), nested, NoRoom(limits=[nested]), []):
        text = render(Message("{value}", value=value), language)
        assert not any(mark in text for mark in ("Label(", "Message(", "[", "('"))
