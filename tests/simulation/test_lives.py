"""Month after month: contacts come before what they cause, each further one tires, answers tell something, and people leave."""

import datetime as dt

import numpy as np
import pytest

from telewave.simulation import facts
from telewave.simulation.assumptions import ASSUMPTIONS
from telewave.simulation.levels import (
    CELL_OF,
    CELLS,
    TooManyTakers,
    group_of,
    histogram,
    kinds,
    probabilities,
    solved,
    wanted,
)
from telewave.simulation.lives import State, lived, prospects, standing_levels
from telewave.simulation.months import DAY, first_day
from telewave.simulation.people import COMMUNITY, people
from telewave.simulation.plan import BLOCK, CityPlan
from telewave.simulation.response import relative_hidden, relative_observable
from telewave.simulation.truth import Truth

PLAN = CityPlan(subscribers=60_000, seed=3, months_before=3, months_after=3)
CROWD = people(range(60_000), seed=3)


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


def test_an_order_follows_the_contact_that_led_to_it_within_days_and_the_month(months):
    seen = {}
    for when, _, made in months:
        sale = made.sales["data_modem" if when[0] < 1 else "contract_phone"]
        led = sale.by >= 0
        contact = sale.by[led]
        assert (made.contacts.row[contact] == sale.row[led]).all()
        days = sale.at[led] // DAY - made.contacts.at[contact] // DAY
        assert (sale.at[led] > made.contacts.at[contact]).all()
        assert (days <= ASSUMPTIONS["comes_within_days"]).all()
        assert (sale.at // DAY < first_day(when[2])).all()
        assert (sale.channel[~led] == "").all()
        for channel, order in zip(made.contacts.channel[contact], sale.channel[led], strict=True):
            seen.setdefault(channel, set()).add(order)
    assert seen == {"outbound_call": {"outbound_call", "hall"}, "hall": {"hall"}, "sms": {"web_hall"}}


def test_as_many_order_as_their_chances_say_and_as_many_through_contacts(months):
    """The modem's months before the launch, whose contacts are about it: within four standard errors."""
    ordered = chances = through = won = 0.0
    for when, state, made in months[:3]:
        sale, free = made.sales["data_modem"], state.took_in[1] > when[0]
        ordered += len(sale.row)
        chances += sale.chances["probability"][free].sum()
        through += (sale.by >= 0).sum()
        won += ((1 - sale.chances["organic"]) * sale.chances["won"])[free].sum()
    assert abs(ordered - chances) < 4 * np.sqrt(chances)
    # Contacts also win some who would have ordered later in the month.
    assert won - 4 * np.sqrt(won) < through < 1.5 * won + 4 * np.sqrt(won)


# Touches tire over channels, months and offers -----------------------------------------------------------------------


def test_fatigue_counts_every_touch_that_got_through_and_is_forgotten(months):
    """Recomputed by hand for those who are touched most, over all months, channels and offers."""
    start = months[0][0][1]
    every = [
        (c.at[k] // DAY, c.row[k], c.tired[k], c.reached[k])
        for _, _, m in months
        for c in [m.contacts]
        for k in range(len(c.row))
    ]
    often = np.argsort(-np.bincount([row for _, row, _, _ in every], minlength=len(CROWD)))[:50]
    checked = 0
    for person in often:
        mine = [(day - first_day(start), tired, got) for day, row, tired, got in every if row == person]
        for k, (day, tired, _) in enumerate(mine):
            wanted_ = sum(0.5 ** ((day - before) / 30) for before, _, got in mine[:k] if got)
            assert tired == pytest.approx(wanted_)
            checked += wanted_ > 1
    assert checked > 20


def test_some_are_touched_more_than_once_a_month_through_one_channel(look):
    ((most,),) = look(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM contacts GROUP BY subscriber, channel, month(contacted_at))"
    )
    assert most >= 3


def test_who_opted_out_gets_neither_calls_nor_messages_any_more(look):
    ((outs,),) = look("SELECT count(*) FROM contacts WHERE disposition = 'opted_out'")
    ((later,),) = look(
        "SELECT count(*) FROM contacts c JOIN (FROM contacts WHERE disposition = 'opted_out') o USING (subscriber) "
        "WHERE c.channel <> 'hall' AND date_trunc('month', c.contacted_at) > date_trunc('month', o.contacted_at)"
    )
    assert outs > 0
    assert later == 0


# What people answer ----------------------------------------------------------------------------------------------


def test_who_is_willing_or_clicks_takes_the_offer_far_more_often_than_who_is_not(months):
    """By the odds without contact, 60 000 people over six months: at least half as much again as who refuses or does not answer, twice who does nothing with a message."""
    odds = {}
    for when, state, made in months:
        ahead = prospects(PLAN, CROWD, when, state)
        about = ahead.organic[0 if when[0] > 0 else 1]
        about = about / about.mean()
        for what in np.unique(made.dispositions):
            odds.setdefault(what, []).extend(about[made.contacts.row[made.dispositions == what]])
    mean = {what: np.mean(values) for what, values in odds.items()}
    asked = np.mean(odds["willing"] + odds["ordered"])
    assert asked > 1.5 * mean["refused"]
    assert asked > 1.5 * mean["no_answer"]
    assert np.mean(odds["clicked"] + odds["replied"]) > 2.0 * max(mean["delivered"], mean["bounced"])


def test_records_say_who_was_reached_by_whom_with_which_script_at_which_place_of_the_list(look):
    ((wrong,),) = look(
        "SELECT count(*) FROM contacts WHERE reached IS NULL OR reached = (disposition IN ('no_answer', 'bounced')) "
        "OR (channel = 'outbound_call') <> (agent IS NOT NULL) OR (agent IS NULL) <> (script IS NULL) "
        "OR (agent IS NULL) <> (list_position IS NULL)"
    )
    assert wrong == 0
    ((calls, places, scripts),) = look(
        "SELECT count(*), count(DISTINCT (agent, contacted_at::DATE, list_position)), count(DISTINCT script) "
        "FROM contacts WHERE channel = 'outbound_call'"
    )
    assert (places, scripts) == (calls, 3)


def test_an_order_has_the_reference_of_the_contact_that_led_to_it(look):
    ((orders, referenced, unlike),) = look(
        "SELECT count(*), count(DISTINCT o.reference), count(*) FILTER (c.subscriber <> o.subscriber OR c.offer <> o.offer) "
        "FROM orders o LEFT JOIN contacts c USING (reference)"
    )
    assert orders == referenced
    assert unlike == 0
    led = dict(look("SELECT c.channel, count(*) FROM orders o JOIN contacts c USING (reference) GROUP BY 1"))
    assert {"hall", "sms"} <= set(led) <= {"outbound_call", "hall", "sms"}
    assert led["hall"] >= 3
    ((unkept,),) = look(
        "SELECT count(*) FROM contacts ANTI JOIN orders USING (reference) WHERE reference IS NOT NULL"
    )
    assert unkept > 0  # promises that were not kept, parcels that were refused


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


def test_the_truth_answers_for_each_offer(city):
    truth, first = Truth(city), dt.date(2026, 4, 1)
    phone, modem = (truth.contacted(first, "sms", offer=offer) for offer in facts.OFFERS)
    mobile = truth.people().mobile[: len(phone.caused)]
    assert (modem.steps.wins[~mobile] == 0).all()
    moved = mobile & (phone.steps.wins > 0) & (modem.steps.wins > 0)
    assert (
        np.std(np.log(modem.steps.wins[moved] / phone.steps.wins[moved])) > 0.2
    )  # effects differ between the offers


# Leaving ---------------------------------------------------------------------------------------------------------


def test_contact_makes_those_leave_oftener_whom_it_puts_off_and_nobody_else(months):
    _, state, made = months[4]
    likelier = np.divide(
        made.churn["probability"],
        made.churn["organic"],
        out=np.ones(len(CROWD)),
        where=made.churn["organic"] > 0,
    )
    put_off = (CROWD.persuasion < 0) & (made.after.tired > 0) & (made.churn["organic"] > 0)
    assert (likelier[put_off] > 1).all()
    assert (likelier[CROWD.persuasion >= 0] == 1).all()
    answered = (made.contacts.channel == "outbound_call") & made.contacts.reached
    called = np.isin(np.arange(len(CROWD)), made.contacts.row[answered])
    assert likelier[put_off & called & (state.tired == 0)].mean() > 1.5


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
    won = 5e-4 * take_up * np.random.default_rng(1).random(len(CROWD)) * (CROWD.persuasion > 0)
    wish = wanted(plan)[0]
    level = solved(plan, histogram(CROWD, relative, np.ones(len(CROWD), bool), won), wish)
    organic = probabilities(CROWD, relative, level).sum(axis=0)
    chance = (1 - (1 - organic) * (1 - won)) * kinds(level)[:, group_of(CROWD)]
    found = np.bincount(CELL_OF[:, group_of(CROWD)].ravel(), chance.ravel(), CELLS)
    assert found[:-1] == pytest.approx(wish[:-1], rel=0.002)
    assert chance.sum(axis=0).max() < 1


def test_where_contacts_win_more_than_wished_nobody_takes_the_offer_by_himself():
    plan, none = CityPlan(subscribers=60_000), np.ones(len(CROWD), bool)
    relative, won = relative_observable(CROWD) * relative_hidden(CROWD), np.full(len(CROWD), 0.05)
    level = solved(plan, histogram(CROWD, relative, none, won), wanted(plan)[0])
    assert probabilities(CROWD, relative, level).sum() < 0.01 * won.sum()


def test_more_takers_than_subscribers_are_refused():
    plan = CityPlan(subscribers=60_000)
    with pytest.raises(TooManyTakers):
        solved(
            plan,
            histogram(CROWD, np.ones(len(CROWD)), np.ones(len(CROWD), bool), np.zeros(len(CROWD))),
            np.full(CELLS, 50_000.0),
        )
