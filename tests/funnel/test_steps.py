"""What a recorded outcome says of each step: yes, no, nothing."""

import pytest

from telewave.funnel.steps import (
    CHANNEL_LABELS,
    CHANNELS,
    Order,
    Outcome,
    Step,
    Tracking,
    recorded,
    steps_of,
    told,
    tried,
)
from telewave.records.contracts import CONTACTS

YES, NO, UNKNOWN = True, False, None


def says(channel, disposition, tracking=None, **more):
    return told(Outcome(channel=channel, disposition=disposition, **more), tracking or Tracking())


@pytest.mark.parametrize(
    ("disposition", "order", "expected"),
    [
        ("no_answer", Order.NONE, (NO, UNKNOWN, UNKNOWN, UNKNOWN)),
        ("hung_up", Order.NONE, (YES, NO, UNKNOWN, UNKNOWN)),
        ("refused", Order.NONE, (YES, YES, NO, UNKNOWN)),
        ("willing", Order.NONE, (YES, YES, YES, NO)),
        ("willing", Order.OPEN, (YES, YES, YES, UNKNOWN)),
        ("willing", Order.FOLLOWED, (YES, YES, YES, YES)),
        ("ordered", Order.NONE, (YES, YES, YES, YES)),
        ("no_answer", Order.REFERRED, (YES, YES, YES, YES)),
        ("delivered", Order.OPEN, (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)),
    ],
)
def test_a_call_s_outcome_says_so_much(disposition, order, expected):
    assert says("outbound_call", disposition, order=order) == expected


def test_who_was_not_reached_and_orders_later_did_not_order_through_the_call():
    assert says("outbound_call", "no_answer", order=Order.FOLLOWED)[-1] is UNKNOWN
    assert says("outbound_call", "refused", order=Order.FOLLOWED)[-1] is UNKNOWN


def test_the_flag_speaks_only_where_the_outcome_is_silent():
    assert says("outbound_call", "delivered", reached=True, order=Order.OPEN)[0] is YES
    assert says("outbound_call", "refused", reached=False)[0] is YES


def test_a_delivered_message_says_nothing_on_what_is_not_tracked():
    assert says("sms", "delivered") == (YES, UNKNOWN, UNKNOWN, NO)
    assert says("sms", "delivered", Tracking(opens=True)) == (YES, NO, UNKNOWN, UNKNOWN)
    assert says("sms", "delivered", Tracking(answers=True)) == (YES, UNKNOWN, NO, UNKNOWN)
    assert says("sms", "opened", Tracking(True, True), order=Order.OPEN) == (YES, YES, NO, UNKNOWN)


def test_a_step_that_nobody_denies_was_not_recorded_and_its_chance_is_in_the_next_one():
    found = [says("outbound_call", d) for d in ("no_answer", "refused", "willing")]
    steps = steps_of("outbound_call")
    chain = recorded(found, steps)
    assert chain == (Step.REACHED, Step.WILLING, Step.ORDERED)
    assert [tried(one, steps, chain, Step.WILLING) for one in found] == [UNKNOWN, NO, YES]


def test_every_channel_of_the_contract_has_steps_and_a_name():
    codes = set(CONTACTS.column("channel").codes)
    assert set(CHANNELS) == set(CHANNEL_LABELS) == codes


def test_every_outcome_of_the_contract_is_read_in_every_channel():
    for channel in CHANNELS:
        for disposition in CONTACTS.column("disposition").codes:
            found = says(channel, disposition, order=Order.OPEN)
            affirmed = [k for k, one in enumerate(found) if one]
            assert affirmed == list(range(len(affirmed))) or found[0] is None
