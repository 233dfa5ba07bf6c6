"""Nobody is given on an answer that is out of date: records, policies and campaigns that change in the middle of a day are asked before the next call. On both databases."""

from datetime import datetime, timedelta

import pytest
from tests.contacts.test_handing_out import FIRST, contact, kept, keys, launched, put, warehouse
from tests.outbound.calling import TEN, call, campaign, later

from telewave.contacts.ledger import Disposition
from telewave.contacts.policy import Cap, Policy
from telewave.contacts.policy_store import set_policy
from telewave.contacts.settling import Told
from telewave.outbound.filling import MOST_FILLINGS, RecordsKeepChanging, filled_for

__all__ = ["campaign", "keys", "warehouse"]
DAY_BEFORE = FIRST - timedelta(days=1)


def recorded(campaign, day, *rows):
    """Contacts on record: whom, through what, what came of it."""
    at = datetime(day.year, day.month, day.day, 11, tzinfo=TEN.tzinfo)
    names = ("subscriber", "channel", "disposition")
    lines = [dict(zip(names, row, strict=True)) | {"contacted_at": at, "offer": "other"} for row in rows]
    put(campaign.warehouse, "contacts", day, lines)


def test_an_order_that_is_ingested_in_the_middle_of_the_day_takes_its_contact_out(campaign):
    campaign.plan([call(n) for n in range(3)])
    campaign.release()
    assert campaign.whom("A") == 0
    ordered = {"subscriber": 1, "ordered_at": TEN - timedelta(days=1), "offer": "handset"}
    put(campaign.warehouse, "orders", DAY_BEFORE, [ordered])
    assert campaign.whom("B") == 2


def test_a_campaign_that_is_launched_in_the_middle_of_the_day_has_its_holdout_respected(campaign):
    campaign.plan([call(n) for n in range(3)], respects_others=True)
    campaign.release()
    assert campaign.whom("A") == 0
    held = [{"subscriber": 1, "control": "campaign"}]
    launched(
        campaign.database,
        kept(campaign.warehouse, campaign.database, [contact(11)], campaign="autumn", control=held),
    )
    assert campaign.whom("B") == 2


def test_pauses_count_what_is_on_record_under_a_policy_set_since(campaign):
    campaign.plan([call(n) for n in range(3)])
    campaign.release()
    recorded(campaign, DAY_BEFORE, (1, "sms", "refused"))
    assert campaign.whom("A") == 0
    set_policy(campaign.database, Policy(pauses={Disposition.REFUSED: 30}), "Wang Wei", TEN)
    assert campaign.whom("B") == 2


@pytest.mark.parametrize(("others", "again"), [([], 0), ([(0, "sms", "delivered")], None)])
def test_caps_of_a_later_try_count_others_contacts_on_record_and_not_its_own(campaign, others, again):
    campaign.plan([call(0)])
    campaign.release()
    assert campaign.whom("A") == 0
    campaign.done("A", 0, "no_answer")
    recorded(campaign, FIRST, (0, "outbound_call", "no_answer"), *others)
    set_policy(campaign.database, Policy(caps=(Cap(1, 2),)), "Wang Wei", TEN)
    assert campaign.whom("A", later(days=1)) == again


def test_where_records_keep_changing_nobody_is_called(campaign):
    campaign.plan([call(0)])
    campaign.release()
    stages = []

    class Restless:
        def __getattr__(self, name):
            return getattr(campaign.warehouse, name)

        def mark(self, tables):
            stages.append(tables)
            return str(len(stages))

    with pytest.raises(RecordsKeepChanging):
        filled_for(Restless(), campaign.database, "spring", Told(by="A", now=TEN), lambda _: 1 / 0)
    assert len(stages) == 2 * MOST_FILLINGS
