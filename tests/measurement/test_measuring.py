"""A launched campaign measured by its records: as assigned, in words, on pages; and what is refused."""

import io
import json
from datetime import date, timedelta
from functools import partial

import numpy as np
import pytest
from rich.console import Console
from tests.json_answers import untyped, well_formed
from tests.measurement.launched import (
    AS_OF,
    CHANNELS,
    FIRST,
    NOW,
    PEOPLE,
    SHARE,
    called,
    contact,
    drawn,
    kept,
    launched,
    ordered,
    put,
    put_draw,
    put_events,
    put_scores,
)

from telewave.approvals.usecases import NotRunning, PlanFile, submit
from telewave.kernel import Inconclusive
from telewave.measurement.attribution import Rule
from telewave.measurement.commands import measure_campaign
from telewave.measurement.gathering import HoldoutChanged
from telewave.measurement.model import Along, Compared
from telewave.measurement.page import measured_page
from telewave.measurement.usecases import DrawNotKept, NotBegun, measure
from telewave.measurement.words import draw_words, headline, move_words, warnings
from telewave.planning.plan_tables import AIMS
from telewave.planning.plans import PlanChanged, present_plan
from telewave.platform.home import Home
from telewave.platform.languages import LANGUAGES, render
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session

END = FIRST + timedelta(days=20)
pytestmark = pytest.mark.parametrize(
    "database", ["sqlite"], indirect=True
)  # what is asked of the database is asked elsewhere


def started(warehouse, database, held=None, share=SHARE, **more):
    """A campaign that is launched: everybody free to be contacted whose number divides by two is called, by three messaged."""
    out, universal = drawn()
    held = out if held is None else held
    free = np.flatnonzero(~held & ~universal)
    rows = [contact(int(n)) for n in free if n % 2 == 0]
    rows += [contact(int(n), "sms", "phase-2", touch=1) for n in free if n % 3 == 0]
    put_draw(warehouse, held, share)
    launched(database, kept(warehouse, database, rows, held, universal, **more))
    return held, universal, free


def with_records(warehouse, held, free):
    """Contacts as planned, and orders: of the called one in ten, of the others one in forty."""
    made = [
        called(
            int(n),
            0,
            disposition=("visited" if n % 40 == 0 else "willing") if n % 20 == 0 else "no_answer",
            agent=f"A{n % 7}",
        )
        for n in free
        if n % 2 == 0
    ]
    made += [called(int(n), 5, "sms", "delivered") for n in free if n % 3 == 0]
    took = [ordered(int(n), 1 + n % 15, activated_on=FIRST + timedelta(days=17)) for n in free if n % 20 == 0]
    took += [ordered(int(n), 2 + n % 11) for n in free if n % 40 == 1]
    took += [ordered(int(n), 2 + n % 11) for n in np.flatnonzero(held) if n % 40 == 3]
    put_events(warehouse, "contacts", made, "contacted_at")
    put_events(warehouse, "orders", took, "ordered_at")
    return took


def test_it_is_measured_as_assigned_and_the_funnel_counts_people(warehouse, database):
    held, universal, free = started(warehouse, database)
    took = with_records(warehouse, held, free)
    found = measure(warehouse, database, "spring", END)
    numbers = {row["subscriber"] for row in took}
    by_hand = [len(numbers & set(np.flatnonzero(mine).tolist())) for mine in (~held & ~universal, held)]
    assert found.took == tuple(by_hand)
    rates = by_hand[0] / len(free), by_hand[1] / held.sum()
    assert found.orders.last.difference == pytest.approx(rates[0] - rates[1])
    assert found.orders.total.value == pytest.approx(len(free) * (rates[0] - rates[1]))
    assert found.orders.seen
    assert len(found.orders.looks) == 20
    wave = {one.name: one for one in found.funnel[Along.WAVE]}["phase-1"]
    even = [n for n in free if n % 2 == 0]
    assert (wave.target, wave.contacted) == (len(even), len(even))
    twentieth = [n for n in free if n % 20 == 0]
    assert (wave.reached, wave.willing, wave.ordered, wave.activated) == (len(twentieth),) * 4
    assert sum(one.ordered for one in found.funnel[Along.AGENT]) == len(twentieth)
    # An order earns what the plan counts: (1 yuan of profit and 5, or 0.05, of cost) over 0.02 orders.
    assert 50 < found.margin.total.value / found.orders.total.value < 300


def test_every_rule_shares_out_what_the_holdout_shows(warehouse, database):
    held, _, free = started(warehouse, database)
    with_records(warehouse, held, free)
    found = measure(warehouse, database, "spring", END)
    assert [one.channel for one in found.channels] == list(CHANNELS)
    for rule in Rule:
        assert sum(one.orders[rule].value for one in found.channels) == pytest.approx(
            found.orders.total.value
        )
        assert sum(one.margin[rule].value for one in found.channels) == pytest.approx(
            found.margin.total.value
        )
    assert found.cost == pytest.approx(
        sum(one.contacts * cost for one, cost in zip(found.channels, (5, 0.05), strict=True))
    )
    acquired = found.cost_to_acquire
    assert acquired.value == pytest.approx(found.cost / found.orders.total.value)
    assert acquired.low < acquired.value < acquired.high
    move = found.move  # a proposal is made only where it does not lose within its interval
    assert isinstance(move, Inconclusive) or move.gain.low > 0
    assert render(move_words(found), "zh")


def test_the_models_chance_takes_noise_away(warehouse, database):
    held, _, free = started(warehouse, database)
    took = {row["subscriber"] for row in with_records(warehouse, held, free)}
    plain = measure(warehouse, database, "spring", END)
    put_scores(warehouse, [0.3 if n in took else 0.01 + 0.1 * (n % 5 == 0) for n in range(PEOPLE)])
    adjusted = measure(warehouse, database, "spring", END)
    assert adjusted.orders.noise_left < 0.9
    assert adjusted.orders.last.variance < plain.orders.last.variance


def test_held_out_people_who_were_contacted_are_counted_and_stay_in_their_arm(warehouse, database):
    held, _, free = started(warehouse, database)
    with_records(warehouse, held, free)
    before = measure(warehouse, database, "spring", END)
    some = [int(n) for n in np.flatnonzero(held)[:9]]
    put_events(warehouse, "contacts", [called(n, 12) for n in some], "contacted_at")
    found = measure(warehouse, database, "spring", END)
    assert found.draw.contaminated == 9
    assert found.orders == before.orders
    assert any("9 of the" in render(one, "en") for one in warnings(found))


def test_contacts_about_something_else_are_not_the_campaigns(warehouse, database):
    started(warehouse, database)
    put_events(
        warehouse, "contacts", [called(1, 2, offer="data_modem"), called(2, 2, "email")], "contacted_at"
    )
    assert all(one.contacts == 0 for one in measure(warehouse, database, "spring", END).channels)


def test_too_few_orders_say_so_and_how_long_still(warehouse, database):
    _, _, free = started(warehouse, database)
    put_events(warehouse, "orders", [ordered(int(n)) for n in free[:3]], "ordered_at")
    found = measure(warehouse, database, "spring", END)
    said = " ".join(render(one, "en") for one in headline(found))
    assert "Too little to tell: 3 of those assigned and 0 of the held out" in said
    assert "At today's pace" in said


def test_a_campaign_without_a_holdout_is_counted_and_not_compared(warehouse, database):
    nobody = np.zeros(PEOPLE, bool)
    _, _, free = started(warehouse, database, nobody, share=0.0)
    with_records(warehouse, nobody, free)
    found = measure(warehouse, database, "spring", END)
    assert isinstance(found.orders, Inconclusive)
    assert found.funnel[Along.WAVE][0].ordered > 0
    assert "`holdout: {campaign: 0.1}`" in render(headline(found)[0], "en")
    assert measured_page(found, "zh")


def aiming(warehouse, database, aims):
    """As `started`, of a plan that aimed at these, with records of all."""
    held, universal = drawn()
    free = np.flatnonzero(~held & ~universal)
    put_draw(warehouse, held)
    rows = [contact(int(n)) for n in free if n % 2 == 0]
    launched(database, kept(warehouse, database, rows, held, universal, aims=aims))
    with_records(warehouse, held, free)
    return held, universal


def test_those_are_compared_whom_the_plan_would_contact_held_out_or_not(warehouse, database):
    even = np.arange(0, PEOPLE, 2)
    held, universal = aiming(warehouse, database, even)
    found = measure(warehouse, database, "spring", END)
    of = [mine[even].sum() for mine in (~held & ~universal, held)]
    assert (found.draw.of, found.draw.assigned, found.draw.held_out) == (Compared.AIMED_AT, *of)
    assert found.draw.aside == (~universal).sum() - sum(of)
    twentieth = np.flatnonzero(~held & ~universal & (np.arange(PEOPLE) % 20 == 0))
    assert found.took == (len(twentieth), 0)  # the held out who ordered have odd numbers
    assert found.orders.total.value == pytest.approx(len(twentieth))
    assert found.draw.beside == len([n for n in np.flatnonzero(~held & ~universal) if n % 3 == 0 and n % 2])
    assert "wanted to contact too" in render(draw_words(found)[0], "en")


def test_where_the_plan_moved_on_everybody_drawn_is_compared(warehouse, database):
    held, universal = aiming(warehouse, database, np.arange(0, PEOPLE, 3))
    found = measure(warehouse, database, "spring", END)
    assert found.draw.of is Compared.PLAN_MOVED_ON
    assert (found.draw.assigned, found.draw.held_out) == ((~held & ~universal).sum(), held.sum())
    assert any("contacts others" in render(one, "en") for one in warnings(found))


def test_aims_that_hang_on_the_draw_are_refused(warehouse, database):
    held, universal = drawn()
    some = np.flatnonzero(~universal & (~held | (np.arange(PEOPLE) % 3 == 0)))
    aiming(warehouse, database, some)
    with pytest.raises(DrawNotKept):
        measure(warehouse, database, "spring", END)


def test_aims_changed_from_outside_are_refused(warehouse, database):
    aiming(warehouse, database, np.arange(0, PEOPLE, 2))
    plan = present_plan(database, "spring")
    put(warehouse, "plan_aims", plan.hash, [{"subscriber": 2}], AIMS)
    with pytest.raises(PlanChanged):
        measure(warehouse, database, "spring", END)


def test_a_wrong_sample_ratio_is_refused(warehouse, database):
    held = np.zeros(PEOPLE, bool)
    held[:2000:2] = True  # a quarter, where half were drawn
    _, universal = drawn()
    started(warehouse, database, held & ~universal, share=0.5)
    with pytest.raises(DrawNotKept):
        measure(warehouse, database, "spring", END)


def test_a_holdout_changed_on_the_way_is_refused(warehouse, database):
    held, universal, free = started(warehouse, database)
    other = held.copy()
    other[np.flatnonzero(held)[0]], other[free[0]] = False, True
    put_draw(warehouse, other)
    with pytest.raises(HoldoutChanged, match="not that of the plan"):
        measure(warehouse, database, "spring", END)
    later = date(2026, 7, 10)
    put_draw(warehouse, held)
    put_draw(warehouse, other, as_of=later)
    again = kept(warehouse, database, [contact(int(free[5]))], other, universal, as_of=later)
    launched(database, again)
    with pytest.raises(HoldoutChanged, match="both launched"):
        measure(warehouse, database, "spring", END)


def test_who_came_after_the_launch_does_not_change_the_holdout(warehouse, database):
    held, universal, free = started(warehouse, database)
    later = date(2026, 7, 10)
    more, alone = np.append(held, [True, False]), np.append(universal, [False, False])
    put_draw(warehouse, more, as_of=later)
    launched(database, kept(warehouse, database, [contact(int(free[5]))], more, alone, as_of=later))
    assert measure(warehouse, database, "spring", END).draw.held_out == held.sum()


def test_before_it_begins_or_is_launched_there_is_nothing_to_measure(warehouse, database):
    held, universal = drawn()
    put_draw(warehouse, held)
    plan = kept(warehouse, database, [contact(1)], held, universal)
    submit(database, "spring", "Li Na", NOW, PlanFile("plan.json", plan.document, "contacts"))
    with pytest.raises(NotRunning):
        measure(warehouse, database, "spring", END)


def test_on_its_first_day_nothing_is_known_yet(warehouse, database):
    started(warehouse, database)
    with pytest.raises(NotBegun):
        measure(warehouse, database, "spring", AS_OF)


def test_the_terminal_json_and_pages_tell_the_same_in_both_languages(warehouse, database, tmp_path):
    held, _, free = started(warehouse, database)
    with_records(warehouse, held, free)
    for language in LANGUAGES:
        settings = load_settings({"TELEWAVE_HOME": str(tmp_path / "home"), "TELEWAVE_LANG": language})
        out = io.StringIO()
        session = Session(
            language=language,
            settings=settings,
            open_home=partial(Home.of, settings, warehouse, database),
            console=Console(file=out, width=220),
        )
        found = measure_campaign(session, "spring", END)
        shown = " ".join(out.getvalue().split())
        for sentence in headline(found):
            assert render(sentence, language) in shown
            assert render(sentence, language) in measured_page(found, language, simulated=True).replace(
                "&#39;", "'"
            )


def test_a_script_reads_the_figures_of_every_day(warehouse, database, tmp_path):
    held, _, free = started(warehouse, database)
    with_records(warehouse, held, free)
    settings = load_settings({"TELEWAVE_HOME": str(tmp_path / "home")})
    session = Session(
        language="en",
        settings=settings,
        open_home=partial(Home.of, settings, warehouse, database),
        console=Console(file=io.StringIO(), width=200),
    )
    session.collect()
    found = measure_campaign(session, "spring", END)
    session.finish()
    answer = json.loads(session.console.file.getvalue())
    assert (well_formed(answer), untyped(answer)) == (True, [])
    days = answer["measured"]["orders"]["days"]
    assert [one["days"] for one in days] == list(range(1, 21))
    assert days[-1]["value"] == pytest.approx(found.orders.last.difference)
    assert answer["measured"]["took"] == {"assigned": found.took[0], "held_out": found.took[1]}
