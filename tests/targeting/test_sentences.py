"""Where a group ends and why, as both readers read it."""

import pytest

from telewave.kernel import Money
from telewave.platform.languages import render
from telewave.targeting.groups import Cutoff, Limit
from telewave.targeting.plan import Group
from telewave.targeting.sentences import ROWS, SUBSCRIBERS, amounts, cutoff_sentence


def cutoff(group, limit, size, lowest, capacity, worthwhile, even):
    return Cutoff(
        group=group,
        limit=limit,
        size=size,
        lowest=lowest,
        highest=0.2,
        capacity=capacity,
        worthwhile=worthwhile,
        break_even=even,
    )


FULL = cutoff(Group.CORE, Limit.CAPACITY, 90, 0.0757, 90, 1_793, 0.0056)
STRETCHED = cutoff(Group.CORE, Limit.VALUE, 90, 0.004, 200, 90, 0.0056)
SATED = cutoff(Group.NORMAL, Limit.VALUE, 90, 0.15, None, 90, 0.15)
NO_ROOM = cutoff(Group.CORE, Limit.CAPACITY, 0, None, 0, 1_793, 0.0056)
NOT_WORTH = cutoff(Group.CORE, Limit.VALUE, 0, None, 90, 0, 0.5)


@pytest.mark.parametrize(
    ("end", "english", "chinese"),
    [
        (FULL, "all 90 contacts that the plan allows are used", "响应概率下限为 7.57%：方案允许的 90 次接触已用完。若只看收益，还可再纳入 1,703 户。"),
        (STRETCHED, "has no room for all who are worth it", "但下一档方式容量不足，容纳不下所有值得接触的用户，因此放宽到这里。"),
        (SATED, "no longer pay for the additional cost", "响应概率下限为 15.0%：低于 15.0% 时，多带来的销售已抵不上多花的成本。渠道容量尚有富余。"),
        (NO_ROOM, "1,793 subscribers would be in it", "本群为空：方案没有为它安排容量。若只看收益，应有 1,793 户。"),
        (NOT_WORTH, "only from a probability of 50.0% on", "本群为空：响应概率达到 50.0% 才划算，但无人达到。"),
    ],
)  # fmt: skip
def test_the_end_of_a_group_is_told_with_its_reason(end, english, chinese):
    told = cutoff_sentence(end, SUBSCRIBERS)
    assert english in render(told, "en")
    assert render(told, "zh").endswith(chinese)


def test_rows_of_an_outside_table_are_not_called_subscribers():
    told = cutoff_sentence(FULL, ROWS)
    assert "1,703 more rows" in render(told, "en")
    assert "1,703 条" in render(told, "zh")


def test_a_range_of_money_names_its_currency_once():
    assert render(amounts(Money(-27_000), Money(1_308_800)), "zh") == "-270 至 13,088 元"
    assert render(amounts(Money(100, "EUR"), Money(250, "EUR")), "en") == "1 to 2.50 EUR"
