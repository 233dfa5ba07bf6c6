"""Who is willing, learnt person by person: recovers what was drawn, judges itself on later contacts, and knows nothing that came later."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.special import expit
from tests.features.conftest import Town
from tests.funnel.city import AS_OF, SINCE, contact_row, put_groups

from telewave.features.usecases import WIDE
from telewave.features.wide import WIDE_SCHEMA
from telewave.funnel.document import from_json, to_json
from telewave.funnel.foretelling import Recorded, foretold
from telewave.funnel.hearing import recorded, tired_on
from telewave.funnel.model import Question
from telewave.funnel.persons import Heard, Trait, learnt
from telewave.funnel.steps import Step
from telewave.funnel.usecases import learn
from telewave.platform.engine import DuckDBEngine

CHANNELS = (("outbound_call", (Step.WILLING,)), ("sms", (Step.SEEN, Step.ANSWERED)))
LEVELS, BY_SCORE, BY_AGE, TIRING = (-2.5, -4.0), 0.6, 0.5, 0.4


def contacts(seed, n=6_000, by_age=BY_AGE):
    """Contacts that heard, their outcomes drawn: the older the likelier, beside the model's chance and being tired."""
    lot = np.random.default_rng(seed)
    channel, score, age = lot.integers(0, 2, n), lot.normal(size=n), lot.normal(40, 10, n)
    tired = lot.exponential(0.5, n)
    eta = np.array(LEVELS)[channel] + BY_SCORE * score + by_age * (age - 40) / 10 - TIRING * tired
    heard = Heard(
        channel=channel, chance=expit(score - 4), traits={"age": age, "noise": lot.normal(size=n)}, tired=tired,
        willing=lot.random(n) < expit(eta), weight=np.ones(n),
    )  # fmt: skip
    return heard, eta


def year(heard):
    n = len(heard.willing)
    rank = np.argsort(np.argsort(-heard.chance)) / n
    return Recorded(
        heard=heard, day=np.arange(n) * 90 / n, group=np.digitize(rank, (0.05, 0.35)), household=np.arange(n),
        channels=CHANNELS, days=90,
    )  # fmt: skip


def test_the_log_odds_of_everybody_are_recovered_within_their_errors():
    off = []
    for seed in range(6):
        heard, eta = contacts(seed)
        weights = learnt(heard, 2)
        people = weights.persons(heard.chance, heard.traits, heard.tired)
        for channel in (0, 1):
            mine = heard.channel == channel
            mean, error = weights.log_odds(people[mine], channel)
            off.append((mean - eta[mine]) / error)
            assert np.corrcoef(mean, eta[mine])[0, 1] > 0.9
    assert 0.6 < np.mean(np.abs(np.concatenate(off)) < 1) < 0.85
    assert np.mean(np.abs(np.concatenate(off)) < 1.96) > 0.88


def test_a_sample_of_those_who_were_not_willing_stands_for_all():
    heard, _ = contacts(1, n=20_000)
    kept = heard.willing | (np.arange(20_000) % 4 == 0)
    some = heard.rows(kept)
    some = replace(some, weight=np.where(some.willing, 1.0, 4.0))
    whole, part = (learnt(one, 2) for one in (heard, some))
    people = whole.persons(heard.chance, heard.traits, heard.tired)
    other = part.persons(heard.chance, heard.traits, heard.tired)
    assert np.abs(whole.log_odds(people, 0)[0] - part.log_odds(other, 0)[0]).mean() < 0.15


def test_it_is_used_where_later_contacts_are_foretold_better_than_by_groups_and_not_where_groups_tell_all():
    heard, _ = contacts(3)
    assert foretold(year(heard)).better
    lot = np.random.default_rng(5)
    one = year(heard)
    chance = np.array([0.15, 0.06, 0.02])[one.group]
    flat = replace(heard, willing=lot.random(len(chance)) < chance)
    assert not foretold(year(flat)).better


def test_a_trait_that_varies_not_or_that_is_on_nobodys_record_changes_nothing():
    same = Trait.of("x", np.ones(5))
    assert not same.columns(np.array([7.0, np.nan])).any()
    none = Trait.of("x", np.full(5, np.nan))
    assert np.isfinite(none.columns(np.array([1.0, np.nan]))).all()


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Calls to people of whom the older are willing oftener, their ages in the wide table, in a warehouse."""
    lot = np.random.default_rng(7)
    people = 1_500
    age = lot.integers(18, 70, people)
    rows = []
    for who in range(people):
        for _ in range(2):
            day = SINCE + timedelta(days=int(lot.integers(0, 70)))
            took = lot.random() < expit(-2.5 + 0.07 * (age[who] - 40))
            rows.append(contact_row(who, day, "willing" if took else "refused"))
    for said in ("no_answer", "hung_up"):
        rows += [contact_row(who, SINCE + timedelta(days=3), said) for who in range(50)]
    made = Town(tmp_path_factory.mktemp("persons"), DuckDBEngine(1, 2)).put({"contacts": rows, "orders": []})
    warehouse = made.warehouse
    score = lot.normal(-4, 1, people)
    rank = np.argsort(np.argsort(-score)) / people
    put_groups(warehouse, score, np.digitize(rank, (0.05, 0.35)))
    table = pa.Table.from_pylist(
        [{"subscriber": k, "age": float(age[k])} for k in range(people)], schema=WIDE_SCHEMA
    )
    with warehouse.change(WIDE) as change:
        file = change.new_file(SINCE.isoformat())
        pq.write_table(table, file)
        change.set(SINCE.isoformat(), {file: "test"})
    return warehouse


QUESTION = Question(since=SINCE, as_of=AS_OF, days=14, offer="phone", model="m")


def test_a_funnel_learns_it_from_the_warehouse_and_keeps_it_whole(town):
    funnel = learn(town, QUESTION, "f")
    assert funnel.willing is not None
    assert funnel.willing.used
    (through,) = funnel.willing.channels
    assert through.covers == (Step.WILLING,)
    assert through.records == 3_000
    assert 0 < through.levels[2] <= through.levels[0] < 1
    assert from_json(to_json(funnel)) == funnel
    weights = funnel.willing.weights
    chance, none = np.full(2, 0.02), np.zeros(2)
    people = weights.persons(chance, {"age": np.array([25.0, 60.0])}, none)
    young, old = weights.log_odds(people, 0)[0]
    assert 1.2 < old - young < 3.5  # truly 35 x 0.07 = 2.45, drawn towards none
    assert sum(weights.terms(people[1]).values()) + weights.values[0] == pytest.approx(old)


def test_without_a_wide_table_as_of_the_groups_day_nobody_is_told_apart(town):
    assert recorded(town, replace(QUESTION, groups_as_of=date(2026, 1, 1))) is None


def test_what_is_known_of_a_contact_does_not_hang_on_what_came_later(town):
    early = replace(QUESTION, as_of=date(2026, 5, 20), groups_as_of=SINCE)
    late = replace(early, as_of=AS_OF)
    one, other = recorded(town, early), recorded(town, late)
    n = len(one.day)
    assert np.allclose(one.heard.tired, other.heard.tired[:n])
    assert np.array_equal(one.heard.traits["age"], other.heard.traits["age"][:n])
    assert np.array_equal(one.heard.willing, other.heard.willing[:n])


def test_half_of_a_touch_is_forgotten_in_thirty_days_and_who_did_not_answer_was_not_touched(tmp_path):
    rows = [
        contact_row(1, SINCE, "refused"),
        contact_row(1, SINCE + timedelta(days=30), "refused"),
        contact_row(1, SINCE + timedelta(days=40), "no_answer"),
        contact_row(2, SINCE, "bounced", channel="sms"),
    ]
    made = Town(tmp_path, DuckDBEngine(1, 2)).put({"contacts": rows, "orders": []})
    noon = 10 / 24  # contacts are of ten o'clock
    left = {
        row["subscriber"]: row["tired"]
        for row in tired_on(made.warehouse, SINCE + timedelta(days=60), AS_OF).to_pylist()
    }
    assert left[1] == pytest.approx(0.5 ** ((60 - noon) / 30) + 0.5 ** ((30 - noon) / 30))
    assert left[2] == 0
    made.warehouse.engine.close()
