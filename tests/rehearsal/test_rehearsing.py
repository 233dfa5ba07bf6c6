"""A plan rehearsed: what it brings, what other means do, and what is said of it."""

import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest
import typer
from rich.console import Console
from tests.json_answers import untyped, well_formed
from tests.measurement.launched import contact, drawn, kept
from tests.rehearsal.scripts import FIRST, WAVES, script
from typer.testing import CliRunner

from telewave.planning.plans import NoPlanYet
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.home import Home
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.platform.warehouse import Warehouse
from telewave.rehearsal.commands import register_rehearse
from telewave.rehearsal.model import Means, Stage, UnusableMeans
from telewave.rehearsal.page import rehearsed_page
from telewave.rehearsal.running import run
from telewave.rehearsal.usecases import (
    NoSuchChannelInPlan,
    NothingToRehearse,
    rehearse,
    script_called,
)
from telewave.rehearsal.words import decision, headline

SURE = tuple(
    replace(one, met=replace(one.met, off=0.0), carried=replace(one.carried, off=0.0), off=0.0)
    for one in WAVES
)
PLENTY = Means(halls=50, windows=2, couriers=50)


def test_with_plenty_of_everybody_volumes_are_what_the_plan_expects():
    plan = script(40_000, waves=SURE, agents=200)
    found = rehearse(plan, PLENTY, Silent(), draws=10).found
    attempts = len(plan.day)
    ordered, active = found.total[Stage.ORDERED].value, found.total[Stage.ACTIVE].value
    assert found.total[Stage.MADE].value == attempts
    assert ordered == pytest.approx(0.02 * attempts, rel=0.05)  # visits of the last days are still to come
    assert active == pytest.approx(0.95 * ordered, rel=0.03)
    assert found.days[0].sum() == pytest.approx(active)
    assert sum(told[Stage.ACTIVE].value for told in found.of_waves.values()) == pytest.approx(active)
    assert found.earned.value == pytest.approx(active * 500 * 0.8)
    assert found.spent.value == pytest.approx(attempts * 1.7)


def test_nothing_is_lost_between_the_stages():
    counts = run(script(), Means(halls=2, couriers=1), 3).counts.sum(axis=(0, 1))
    assert (np.diff(counts) <= 0).all()


def test_few_agents_are_the_bottleneck_and_as_many_as_it_says_would_do():
    plan = script(12_000, agents=2, waves=SURE)
    found = rehearse(plan, PLENTY, Silent(), draws=10).found
    short = found.bottleneck
    assert short.name == "outbound_call"
    assert "Bottleneck: Agents (Calls)" in str(decision(found))
    more = short.needed - 2
    enough = rehearse(plan, replace(PLENTY, agents=more + 1), Silent(), draws=10)
    assert enough.found.bottleneck is None
    assert enough.found.orders.mean() > enough.planned.orders.mean()
    assert any("Against the plan as it is: +" in str(one) for one in headline(enough))


def test_nobody_at_work_or_nothing_to_do_is_told_as_such():
    plan = script(3_000, waves=SURE)
    none = rehearse(plan, replace(PLENTY, agents=-100), Silent(), draws=10).found
    assert (none.bottleneck.name, none.bottleneck.lost) == ("outbound_call", 1.0)
    assert none.bottleneck.needed == rehearse(plan, PLENTY, Silent(), draws=10).found.resources[0].needed
    idle = rehearse(plan, Means(without=("outbound_call", "hall", "sms")), Silent(), draws=10)
    assert "nothing to earn back" in str(headline(idle)[-1])
    assert rehearsed_page(idle, "en")


def test_what_nobody_lacks_stands_idle_or_is_told_as_needed():
    found = rehearse(script(agents=60), Means(couriers=40), Silent(), draws=10).found
    by_name = {one.name: one for one in found.resources}
    assert by_name["halls"].servers is None
    assert by_name["halls"].needed >= 1
    assert by_name["couriers"].idle > 30
    assert "stand idle" in str(decision(found))


def test_the_same_seed_gives_the_same_and_other_means_the_same_people():
    plan, many = script(agents=100), Means()
    one, again = run(plan, many, 0, seed=5), run(plan, many, 0, seed=5)
    np.testing.assert_array_equal(one.counts, again.counts)
    more = run(plan, Means(agents=10), 0, seed=5)
    np.testing.assert_array_equal(one.counts.sum(axis=1), more.counts.sum(axis=1))


def test_a_channel_left_out_makes_no_contacts_and_more_tries_reach_more():
    plan = script(agents=100)
    without = run(plan, Means(without=("sms",)), 0).counts.sum(axis=1)
    assert without[2].sum() == 0
    once, twice = (run(plan, Means(tries=k), 0).counts[0].sum(axis=0) for k in (1, 2))
    assert twice[Stage.MET] > 1.3 * once[Stage.MET]


def test_a_promotion_left_out_costs_the_share_of_orders_that_is_stated():
    found = rehearse(script(40_000, waves=SURE, agents=200), replace(PLENTY, orders=0.8), Silent(), draws=10)
    assert found.found.orders.mean() == pytest.approx(0.8 * found.planned.orders.mean(), rel=0.05)


def test_fewer_windows_couriers_or_agents_are_told_beside_the_plan_as_it_is():
    plan = script(12_000, waves=SURE, agents=20, orders=0.3)
    given = Means(halls=10, windows=3, couriers=30, areas=3)
    for name, fewer in (
        ("windows", {"more_windows": -29}), ("couriers", {"more_couriers": -29}), ("agents", {"agents": -19}),
    ):  # fmt: skip
        asked = rehearse(plan, replace(given, **fewer), Silent(), draws=10)
        assert asked.planned is not None, name
        assert asked.planned.means == given
        assert asked.found.orders.mean() < asked.planned.orders.mean(), name
        assert asked.found.bottleneck is not None, name
    assert [replace(given, more_couriers=-20).couriers_of(k) for k in range(3)] == [4, 3, 3]
    assert sum(replace(given, more_windows=-20).windows_of(k) for k in range(10)) == 10


def test_the_bottleneck_is_told_over_agents_halls_and_couriers():
    plan = script(12_000, waves=SURE, agents=20, orders=0.3)
    plan = replace(plan, horizon=25)
    for few, name in (
        (Means(halls=1, couriers=80), "halls"), (Means(halls=50, windows=3, couriers=1), "couriers"),
        (Means(halls=50, couriers=50, agents=-19), "outbound_call"),
    ):  # fmt: skip
        assert rehearse(plan, few, Silent(), draws=10).found.bottleneck.name == name


def test_clerks_take_visitors_in_idle_hours_only():
    plan = script(12_000, waves=SURE, agents=20)
    alone, helped = (run(plan, Means(halls=1, clerks=k), 0) for k in (0, 30))
    assert helped.loads.of["halls"].lost < alone.loads.of["halls"].lost
    assert helped.loads.of["halls"].lost > 0, "in busy hours there is one window"


def test_a_part_of_an_agent_works_a_part_of_the_day():
    plan = script(12_000, agents=1, waves=SURE)
    desks = {"outbound_call": replace(plan.desks["outbound_call"], agents=np.full(10, 0.5))}
    half = run(replace(plan, desks=desks), Means(), 0).loads.of["outbound_call"]
    whole = run(plan, Means(), 0).loads.of["outbound_call"]
    assert half.busy.sum() == pytest.approx(whole.busy.sum() / 2, rel=0.02)


def test_means_that_cannot_be_are_refused():
    for bad in (
        {"tries": 0},
        {"tries": 6},
        {"halls": 0},
        {"windows": 0},
        {"couriers": 0},
        {"areas": 0},
        {"clerks": -1},
        {"more_windows": -20},
        {"couriers": None, "more_couriers": -20},
        {"orders": 0.0},
        {"orders": 5.1},
    ):
        with pytest.raises(UnusableMeans):
            Means(**bad)
    for draws in (9, 10_001):
        with pytest.raises(UnusableMeans):
            rehearse(script(10), Means(), Silent(), draws=draws)
    with pytest.raises(NoSuchChannelInPlan, match="outbound_call"):
        rehearse(script(10), Means(without=("fax",)), Silent(), draws=10)


WAVE = {
    "phase": "phase-1", "channel": "call", "attempts": 400, "reached": [200, 160, 240], "willing": [20, 12, 30], "recalled": [12, 8, 18],
    "ordered": [10, 5, 16], "activated": [9.5, 5, 15], "caused": 8.0, "agent_days": 3.3, "steps_from": "assumptions",
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A small plan that is kept, and one without waves."""
    folder = tmp_path_factory.mktemp("told")
    warehouse, database = (
        Warehouse(folder / "warehouse", DuckDBEngine(1, 1)),
        Database(f"sqlite:///{folder / 'o.sqlite'}"),
    )
    database.migrate()
    held, universal = drawn(500)
    rows = [contact(n, day=FIRST.replace(day=1 + n % 5)) for n in range(400)]
    bare = kept(warehouse, database, rows[:9], held, universal)
    good = kept(warehouse, database, rows, held, universal, waves=[WAVE])
    settings = load_settings({"TELEWAVE_HOME": str(folder)})

    def session(language):
        console = Console(file=io.StringIO(), width=200)
        return Session(
            language=language,
            settings=settings,
            open_home=lambda: Home.of(settings, warehouse, database),
            console=console,
        )

    yield session, good.hash, bare.hash
    database.close()
    warehouse.engine.close()


def asked(session, *words):
    app = typer.Typer()
    register_rehearse(app)
    app.callback()(lambda: None)
    done = CliRunner().invoke(app, ["rehearse", *map(str, words)], obj=session)
    if done.exception:
        raise done.exception
    return session.console.file.getvalue()


@pytest.mark.parametrize(("language", "says"), [("en", "as many are assumed"), ("zh", "暂按其容量推算")])
def test_the_command_rehearses_a_stored_plan_and_writes_the_page(told, tmp_path, language, says):
    page = tmp_path / "page.html"
    words = ("--draws", 10, "--agents", "-20", "--halls", 2, "--couriers", 1, "--report", page)
    session, good, _ = told
    said = asked(session(language), "spring", "--plan", good, *words)
    assert says in said
    assert ("nobody was contacted" if language == "en" else "模拟推演") in said
    assert str(page) in said
    text = re.sub(r"<[^>]+>", "", page.read_text())
    assert ("nobody was contacted" if language == "en" else "模拟推演") in text
    assert ("Volumes by day" if language == "en" else "逐日办理量") in text


def test_the_object_has_figures_as_numbers(told):
    made, good, _ = told
    session = made("en")
    session.collect()
    asked(session, "spring", "--plan", good, "--draws", 10)
    session.finish()
    answer = json.loads(session.console.file.getvalue())
    assert well_formed(answer)
    assert untyped(answer) == []
    found = answer["rehearsal"]["rehearsed"]
    assert found["active"]["low"] <= found["active"]["value"] <= found["active"]["high"]
    assert sum(one["contacts"] for one in found["days"]) == pytest.approx(400)


def test_a_campaign_without_plan_or_without_steps_is_told_what_to_do(told):
    made, _, bare = told
    home = made("en").home
    with pytest.raises(NoPlanYet, match="telewave plan make"):
        script_called(home.warehouse, home.database, "nobody")
    with pytest.raises(NothingToRehearse, match="telewave plan make"):
        script_called(home.warehouse, home.database, "spring", bare)


def test_the_page_of_a_simulated_city_says_so():
    found = rehearse(script(), Means(), Silent(), draws=10)
    assert "imulated" in rehearsed_page(found, "en", simulated=True)
    assert "imulated" not in rehearsed_page(found, "en")
