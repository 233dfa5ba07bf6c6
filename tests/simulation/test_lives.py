"""Month after month: contacts come before what they cause, each further one adds less, answers tell something, and people leave."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from telewave.simulation import facts
from telewave.simulation.levels import (
    CELL_OF,
    CELLS,
    TooManyTakers,
    group_of,
    histogram,
    probabilities,
    solved,
    wanted,
)
from telewave.simulation.lives import State, lived, odds_by_day, prospects, standing_levels
from telewave.simulation.months import DAY, Touches, first_day
from telewave.simulation.people import COMMUNITY, people
from telewave.simulation.plan import BLOCK, CityPlan
from telewave.simulation.response import relative_hidden, relative_observable, touch_effect
from telewave.simulation.truth import Truth

PLAN = CityPlan(subscribers=60_000, seed=3, months_before=3, months_after=3)
CROWD = people(range(60_000), seed=3)
APRIL = (1, dt.date(2026, 4, 1), dt.date(2026, 5, 1))


@pytest.fixture(scope="module")
def months():
    """The months of 60 000 people without the handset's launch level: nobody takes it, the modem is sold."""
    state, made = State.at_start(CROWD), []
    for when in PLAN.months:
        made.append((when, state, lived(PLAN, CROWD, when, state, standing_levels())))
        state = made[-1][2].after
    return made


# Causes come first -----------------------------------------------------------------------------------------------


def test_nobody_is_contacted_about_an_offer_that_he_has_taken(look):
    ((after,),) = look(
        "SELECT count(*) FROM contacts c JOIN orders o USING (subscriber, offer) WHERE c.contacted_at >= o.ordered_at"
    )
    ((before,),) = look(
        "SELECT count(*) FROM contacts c JOIN orders o USING (subscriber, offer) WHERE c.contacted_at < o.ordered_at"
    )
    assert after == 0
    assert before > 50


def test_a_contact_raises_the_odds_from_the_day_after_it_and_then_wears_off():
    touch = Touches(
        row=np.array([0]),
        channel=np.array(["sms"]),
        at=np.array([(first_day(APRIL[1]) + 9) * DAY + 1]),
        disposition=np.array(["delivered"]),
        added=np.array([0.5]),
    )
    odds = odds_by_day(np.zeros(1), touch, APRIL)[:, 0]
    assert (odds[:10] == 1).all()
    assert np.log(odds[10:]) == pytest.approx(0.5 * 0.5 ** (np.arange(1, 21) / 21), rel=1e-4)


def test_orders_come_on_the_days_on_which_contacts_work():
    """In May, after contacts whose effect fades over the month: by the days' odds, not evenly over the month."""
    may = PLAN.months[4]
    touched = replace(State.at_start(CROWD), pull=np.full((2, len(CROWD)), 3.0))
    levels = standing_levels()
    levels[0] = 0.002
    sale = lived(PLAN, CROWD, may, touched, levels).sales["contract_phone"]
    day = sale.at // DAY - first_day(may[1])
    odds = prospects(PLAN, CROWD, may, touched).by_day[0][:, sale.row]
    expected = (odds * np.arange(31)[:, None]).sum(axis=0) / odds.sum(axis=0)
    assert abs(day.mean() - expected.mean()) < 4 * day.std() / np.sqrt(len(day))
    assert expected.mean() < 12


def test_what_one_month_s_contacts_leave_is_where_the_next_month_begins(months):
    (when, state, april), (_, after, _) = months[3:5]
    logs = np.log(odds_by_day(state.pull[0], april.contacts, when)[-1])
    last_day = april.contacts.at // DAY == first_day(when[2]) - 1
    fresh = np.bincount(april.contacts.row[last_day], april.contacts.added[last_day], len(CROWD))
    taken = np.isin(np.arange(len(CROWD)), april.sales["contract_phone"].row)
    kept = 0.5 ** (1 / 21)
    assert after.pull[0][~taken] == pytest.approx(((logs + fresh) * kept)[~taken], abs=1e-5)


# Touches add up over channels, months and offers ---------------------------------------------------------------------


def test_the_k_th_touch_adds_what_the_truth_says_of_k_less_what_it_says_of_one_fewer(months):
    count = np.zeros(len(CROWD), int)
    seen = set()
    for when, _, made in months:
        offer = "contract_phone" if when[0] > 0 else "data_modem"
        contacts = made.contacts
        one = {c: touch_effect(CROWD, c, 1.0, 0.0, offer) for c in np.unique(contacts.channel)}
        for row, channel, added, through in zip(
            contacts.row, contacts.channel, contacts.added, contacts.through, strict=True
        ):
            if not through:
                assert added == 0
                continue
            assert added == pytest.approx(one[channel][row] * 0.6 ** count[row])
            count[row] += 1
            seen.add((channel, count[row]))
    assert {("sms", 5), ("hall", 4), ("outbound_call", 3)} <= seen
    assert (count == months[-1][2].after.touches).all()


def test_some_are_touched_more_than_once_a_month_through_one_channel(look):
    ((most,),) = look(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM contacts GROUP BY subscriber, channel, month(contacted_at))"
    )
    assert most >= 3


def test_who_opted_out_of_sms_gets_none_any_more(look):
    ((outs,),) = look("SELECT count(*) FROM contacts WHERE disposition = 'opted_out'")
    ((later,),) = look(
        "SELECT count(*) FROM contacts c JOIN (FROM contacts WHERE disposition = 'opted_out') o USING (subscriber) "
        "WHERE c.channel = 'sms' AND date_trunc('month', c.contacted_at) > date_trunc('month', o.contacted_at)"
    )
    assert outs > 0
    assert later == 0


def test_the_city_s_odds_are_its_organic_odds_times_the_effect_of_the_contacts_on_record(city, look):
    """June, recomputed from nothing but the records' contacts and `touch_effect`, for those who have bought nothing."""
    truth = Truth(city)
    month, everybody = truth.month(dt.date(2026, 6, 1)), truth.people()
    n = len(month)
    crowd = type(everybody).of(everybody.table().slice(0, n))
    rows = look(
        "SELECT subscriber, channel, offer, datediff('day', DATE '2026-06-01', contacted_at::DATE) FROM contacts "
        "WHERE disposition NOT IN ('no_answer', 'bounced') ORDER BY contacted_at"
    )
    one, none = np.ones(n), np.zeros(n)
    count, logs = np.zeros(n, int), np.zeros((30, n))
    first = {channel: touch_effect(crowd, channel, one, none) for channel in ("sms", "hall", "outbound_call")}
    for subscriber, channel, offer, day in rows:
        if offer == "contract_phone":
            later = np.arange(max(day + 1, 0), 30)
            gain = first[channel][subscriber] * facts.ASSUMPTIONS["touch_fade"] ** count[subscriber]
            logs[later, subscriber] += gain * 0.5 ** (
                (later - day) / facts.ASSUMPTIONS["touch_half_life_days"]
            )
        count[subscriber] += 1
    touched, organic = (month.column(name).to_numpy() for name in ("probability", "organic"))
    bought = {subscriber for (subscriber,) in look("SELECT subscriber FROM orders")}
    free = ~np.isin(np.arange(n), list(bought)) & (organic > 0)
    p, q = touched[free], organic[free]
    ratio = p / (1 - p) / (q / (1 - q))
    assert ratio == pytest.approx(np.exp(logs).mean(axis=0)[free], rel=1e-4)
    assert (ratio > 1.05).sum() > 100
    assert (ratio < 0.98).sum() > 100


# What people answer ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("offer", "numbers"), [("data_modem", range(3)), ("contract_phone", range(3, 6))])
def test_who_is_willing_or_clicks_takes_the_offer_far_more_often_than_who_is_not(offer, numbers):
    """By the odds without contact: at least 2.5 times those of who refuses or does nothing, twice those of all who are called."""
    odds, answers = [], []
    for number in numbers:
        found = prospects(PLAN, CROWD, PLAN.months[number], State.at_start(CROWD))
        odds.append(found.organic[facts.OFFERS.index(offer)][found.contacts.row])
        answers.append(found.contacts.disposition)
    odds, answers = np.concatenate(odds), np.concatenate(answers)
    mean = {what: odds[answers == what].mean() for what in np.unique(answers)}
    assert mean["willing"] > 2.5 * mean["refused"]
    assert mean["willing"] > 2.0 * mean["no_answer"]
    assert mean["clicked"] > 2.5 * max(mean["delivered"], mean["bounced"])


# The second offer ------------------------------------------------------------------------------------------------


def test_the_modem_has_takers_of_its_own_who_are_hungry_for_data(city, look):
    ((takers, kinds),) = look("SELECT count(*), list(DISTINCT kind) FROM orders WHERE offer = 'data_modem'")
    assert takers > 100
    assert kinds == ["device_only"]
    rates = [
        rate
        for (rate,) in look(
            "SELECT avg(probability) FROM (SELECT probability, ntile(5) OVER (ORDER BY sessions * session_kb) AS fifth "
            f"FROM people JOIN '{city}/truth/data_modem-2026-02-01-*.parquet' USING (subscriber) WHERE base < 2 AND NOT machine) "
            "GROUP BY fifth ORDER BY fifth"
        )
    ]
    assert rates == sorted(rates)
    assert rates[4] > 3 * rates[0]
    ((without_mobile,),) = look(
        f"SELECT max(probability) FROM people JOIN '{city}/truth/data_modem-*.parquet' USING (subscriber) WHERE base = 2"
    )
    assert without_mobile == 0


def test_the_truth_answers_for_each_offer_channel_number_of_touches_and_days(city):
    truth, first = Truth(city), dt.date(2026, 4, 1)
    for offer in facts.OFFERS:
        without = truth.probability(first, "sms", 0, offer=offer)
        once, fresh, twice = (
            truth.probability(first, "outbound_call", k, days, offer)
            for k, days in ((1, 10.0), (1, 0.0), (2, 0.0))
        )
        assert without == pytest.approx(truth.month(first, offer).column("organic").to_numpy())
        persuasion = truth.people().persuasion[: len(without)]
        may = without > 0
        for sign in (1, -1):
            mine = may & (persuasion == sign)
            steps = [sign * (b - a)[mine] for a, b in ((without, once), (once, fresh), (fresh, twice))]
            assert all((step > 0).all() for step in steps)
        assert once[persuasion == 0] == pytest.approx(without[persuasion == 0], rel=1e-12)
    one, none = np.ones(len(CROWD)), np.zeros(len(CROWD))
    mine = CROWD.mobile & (CROWD.persuasion > 0)
    phone, modem = (touch_effect(CROWD, "sms", one, none, offer)[mine] for offer in facts.OFFERS)
    assert np.std(modem / phone) > 0.2  # effects differ between the offers


# Leaving ---------------------------------------------------------------------------------------------------------


def test_contact_makes_those_leave_oftener_whom_it_puts_off_and_nobody_else(months):
    _, state, made = months[4]
    likelier = np.divide(
        made.churn["probability"],
        made.churn["organic"],
        out=np.ones(len(CROWD)),
        where=made.churn["organic"] > 0,
    )
    put_off = (CROWD.persuasion < 0) & (made.after.touches > 0) & (made.churn["organic"] > 0)
    assert (likelier[put_off] > 1).all()
    assert (likelier[CROWD.persuasion >= 0] == 1).all()
    called = np.isin(np.arange(len(CROWD)), made.contacts.row[made.contacts.channel == "outbound_call"])
    assert likelier[put_off & called & (state.touches == 0)].mean() > 1.2


def test_about_as_many_leave_as_their_chances_say(city, look):
    for month in range(1, 7):
        chance = Truth(city).leaving(dt.date(2026, month, 1)).column("probability").to_numpy()
        ((left,),) = look(f"SELECT count(*) FROM people WHERE churns_in = {month}")
        assert abs(left - chance.sum()) < 4 * np.sqrt(chance.sum())


def test_what_leavers_held_ends_and_they_leave_no_record_after(look):
    ((leavers, ended, held),) = look(
        "WITH gone AS (SELECT subscriber, last_day(DATE '2025-12-01' + to_months(churns_in::INT)) AS day FROM people WHERE churns_in < 7) "
        "SELECT (SELECT count(*) FROM gone), "
        "(SELECT count(*) FROM holdings JOIN gone USING (subscriber) WHERE ends_on = day AND recorded_on = day), "
        "(SELECT count(*) FROM holdings SEMI JOIN gone USING (subscriber) WHERE ends_on IS NULL)"
    )
    assert leavers > 1_000
    assert ended == held
    (counts,) = look(
        "WITH gone AS (SELECT subscriber, last_day(DATE '2025-12-01' + to_months(churns_in::INT)) AS day FROM people WHERE churns_in < 7) "
        "SELECT (SELECT count(*) FROM usage JOIN gone USING (subscriber) WHERE started_at::DATE > day), "
        "(SELECT count(*) FROM bills JOIN gone USING (subscriber) WHERE issued_on > day), "
        "(SELECT count(*) FROM contacts JOIN gone USING (subscriber) WHERE contacted_at::DATE > day), "
        "(SELECT count(*) FROM orders JOIN gone USING (subscriber) WHERE ordered_at::DATE > day)"
    )
    assert counts == (0, 0, 0, 0)


def test_nobody_leaves_who_is_bound_by_the_handset_s_contract(look):
    assert look(
        "SELECT count(*) FROM orders JOIN people USING (subscriber) WHERE offer = 'contract_phone' AND churns_in < 7"
    ) == [(0,)]


# Communities ------------------------------------------------------------------------------------------------------


def test_a_community_shares_its_shock_wherever_a_block_begins():
    assert BLOCK % COMMUNITY == 0
    whole, part = people(range(960), seed=9), people(range(100, 960), seed=9)
    assert (whole.community[100:] == part.community).all()
    shocks = whole.community.reshape(-1, COMMUNITY)
    assert (shocks == shocks[:, :1]).all()
    assert len(np.unique(shocks)) == 20
    many = people(range(48_000), seed=9).community[::COMMUNITY]
    assert abs(many.mean()) < 0.12
    assert abs(many.std() - 1) < 0.1


# Levels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("take_up", [1, 20, 50])
def test_the_expected_takers_are_the_wanted_ones_even_where_chances_are_high(take_up):
    plan = CityPlan(subscribers=60_000, take_up=take_up)
    relative = relative_observable(CROWD) * relative_hidden(CROWD)
    wish = wanted(plan)[0]
    level = solved(plan, histogram(CROWD, relative, np.ones(len(CROWD), bool)), wish)
    chance = probabilities(CROWD, relative, level)
    found = np.bincount(CELL_OF[:, group_of(CROWD)].ravel(), chance.ravel(), CELLS)
    assert found[:-1] == pytest.approx(wish[:-1], rel=0.002)
    assert chance.sum(axis=0).max() < 1


def test_more_takers_than_subscribers_are_refused():
    plan = CityPlan(subscribers=60_000)
    with pytest.raises(TooManyTakers):
        solved(
            plan, histogram(CROWD, np.ones(len(CROWD)), np.ones(len(CROWD), bool)), np.full(CELLS, 50_000.0)
        )
