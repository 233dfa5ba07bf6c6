"""What a person reads of a message and the values in it."""

import pytest

from telewave.kernel import Label, Malformed, Message
from telewave.platform.languages import joined, render

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


@pytest.mark.parametrize(
    ("inner", "shown"),
    [
        (Label("Version 1", "第 1 版"), "结论取自第 1 版的模型"),
        ("campaign.yaml", "结论取自 campaign.yaml 的模型"),
        (3, "结论取自 3 的模型"),
        ("中国 移动", "结论取自中国 移动的模型"),
        ([BUDGET, CALLS], "结论取自总预算、外呼的模型"),
    ],
)
def test_between_chinese_words_and_a_chinese_value_there_is_no_blank(inner, shown):
    assert render(Message("结论取自 {inner} 的模型", inner=inner), "zh") == shown
    assert render(Message("{a} {b}", a=BUDGET, b=CALLS), "zh") == "总预算 外呼"
    assert render(Message("{a:>4}!{{}} {b!r}", a=1, b="x"), "zh") == "   1!{} 'x'"
    assert render(Message("{a} of {b}", a=BUDGET, b=CALLS), "en") == "Budget in all of Outbound calls"


def test_sentences_follow_each_other_as_their_language_sets_them():
    assert joined([BUDGET, Message("{a}.", a=CALLS)], "zh") == "总预算外呼."
    assert joined([BUDGET, Message("{a}.", a=CALLS)], "en") == "Budget in all Outbound calls."
