"""What is said first of an offer: computed again from accounts, true for all who hear it, and silent without weights."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from tests.planning.test_proposal import city
from tests.planning.test_wave_funnel import calling

from telewave.briefs.model import Choice, ChoiceRestsOn
from telewave.choice.selling import TOLD, ahead, points, usual_rival
from telewave.choice.terms import values
from telewave.contacts.work_list import HEADERS, HandedOut, lines_of
from telewave.customers.base import CELLS, NO_CELL
from telewave.kernel import Message, Money
from telewave.offers.catalogue_file import parse_catalogue, reference_case
from telewave.offers.economics import Sale, account, first_day
from telewave.planning.comparisons import GROUP_ORDER
from telewave.planning.document import document_of, plan_rows
from telewave.planning.options import Gathered
from telewave.planning.proposal import propose
from telewave.planning.scorer import Scorer
from telewave.planning.selling import points_of_choice
from telewave.planning.summary import summarised
from telewave.targeting.plan import Group

DAY = date(2026, 7, 1)
CASE = reference_case()
CATALOGUE = parse_catalogue("""name: {en: Small, zh: 小目录}
channels: {hall: {en: Hall, zh: 营业厅}}
offers:
  - {id: long, name: {en: Long, zh: 长约购}, kind: contract, channels: hall, customers: all, device: 2800, minimum_spend: 100, contract_months: 24}
  - {id: short, name: {en: Short, zh: 短约购}, kind: contract, channels: hall, customers: all, device: 2500, minimum_spend: 100, contract_months: 12}
  - {id: alone, name: {en: Alone, zh: 单购}, kind: device_only, channels: hall, customers: all, device: 4000}
""")
LONG, SHORT, ALONE = CATALOGUE.offers
FEES = (60_00, 80_00)
FIRST_DAY = {"down": 0.9, "true_cost": 0.05, "months": 0.2}
TOTAL = {"down": 0.1, "true_cost": 0.9, "months": 0.2}


def sides(offer, minor):
    """Of each amount what a customer with this fee minds, in units of the terms, by the offer's account."""
    sale = Sale(pieces=1, day=DAY)
    first = first_day(offer, sale)
    least = offer.terms.minimum_spend.minor if offer.terms.minimum_spend else 0
    return {
        "true_cost": account(offer, [Money(minor)], sale=sale).device_cost.minor / 10_000,
        "down": (first.device + first.deposit) / 10_000,
        "months": offer.terms.contract_months / 12,
        "minimum": max(least - minor, 0) / 1_000,
    }


def found(offer, rival, weights, fees=FEES):
    terms = values([offer, rival], TOLD, np.array(fees), [DAY] * len(fees))
    row = [weights.get(term.id, 0.0) for term in TOLD]
    return ahead(terms[:, 0], terms[:, 1], np.tile(row, (len(fees), 1)))


def said(offer, rival, weights, fees=FEES):
    told = found(offer, rival, weights, fees)
    return points(told, offer, rival, Group.CORE, Message("By the weights that the campaign's file states."))


@pytest.mark.parametrize("weights", [FIRST_DAY, TOTAL])
def test_gains_are_those_of_the_accounts_and_the_greatest_comes_first(weights):
    told = found(SHORT, LONG, weights)
    by_hand = {
        term: np.mean([weight * (sides(LONG, fee)[term] - sides(SHORT, fee)[term]) for fee in FEES])
        for term, weight in weights.items()
    }
    assert [one.term.id for one in told] == sorted(by_hand, key=by_hand.get, reverse=True)
    assert {one.term.id: one.gain for one in told} == pytest.approx(by_hand)


def test_who_minds_the_first_day_hears_of_it_first_and_with_the_amount():
    first, *others = said(SHORT, LONG, FIRST_DAY)
    assert first.feature.en == "On the first day you pay 300 yuan less than with “Long”."
    assert first.feature.zh == "与“长约购”相比，首日少付 300 元。"
    assert len(others) == 2
    assert said(SHORT, LONG, TOTAL)[0].feature.zh.startswith("与“长约购”相比，整个合约期终端总共至少少花 ")
    assert {point.groups for point in (first, *others)} == {frozenset({Group.CORE})}


def test_an_amount_is_the_least_that_holds_for_all_and_none_where_it_does_not_hold_for_one():
    least = min(sides(LONG, fee)["true_cost"] - sides(SHORT, fee)["true_cost"] for fee in FEES) * 100
    assert f"at least {least:,.0f} yuan" in said(SHORT, LONG, TOTAL)[0].feature.en
    minimum = {"minimum": 1.0}
    assert "add at least 20 yuan a month less" in said(ALONE, LONG, minimum)[0].feature.en
    assert said(ALONE, LONG, minimum, fees=(60_00, 150_00)) == ()


def test_a_term_without_weight_is_never_named_nor_is_more_of_an_amount_ever_praised():
    assert [one.term.id for one in found(SHORT, LONG, {"months": 0.3})] == ["months"]
    assert found(SHORT, LONG, {}) == ()
    assert found(LONG, SHORT, {"months": -0.3, "down": -0.5}) == ()
    assert [one.term.id for one in found(ALONE, LONG, {"kind:contract": 0.4})] == ["kind"]
    assert "no tariff" in said(ALONE, LONG, {"kind:contract": 0.4})[0].feature.en
    assert found(LONG, ALONE, {"kind:contract": 0.4}) == ()
    everything = {"months": 0.3, "minimum": 0.2, "down": -0.1, "kind:contract": 0.4, "true_cost": 0.3}
    assert len(said(ALONE, LONG, everything)) <= 3


def test_the_rival_is_what_most_would_take_otherwise():
    taste = np.array([[1.0, 0.4, 0.2], [1.0, 0.1, 0.3], [0.5, 0.0, 1.0], [1.0, 0.0, 0.0]])
    assert usual_rival(taste, 0) == 2
    assert usual_rival(taste[3:], 0) is None


def classed():
    """The city with two classes in turn and some in none."""
    people = city()
    cell = np.array([3, 5, NO_CELL])[np.arange(len(people.base.subscriber)) % 3]
    return replace(people.base, cell=cell), people.group


def planned(choice):
    base, group = classed()
    made = propose(replace(calling(), choice=choice), CASE.offers, base, group=group)
    return made, Gathered(base, (), group, 0)


@pytest.fixture(scope="module")
def learnt():
    """A plan on a learnt choice, in which one class minds the first day, another the months; new numbers are doubtful."""
    weights = {"true_cost": 0.08, "down": 0.05, "months": 0.1, "new_number": 0.8}
    choice = Choice(
        weights=weights, organic_share=0.8, fatigue=Money(10),
        by_class={CELLS[3]: weights | {"down": 0.4}, CELLS[5]: weights | {"months": 0.6, "down": 0.3}},
        doubtful=frozenset({"new_number"}), doubtful_by_class={CELLS[5]: frozenset({"new_number", "down"}), CELLS[3]: frozenset({"new_number"})},
        learnt="spring", rests_on=ChoiceRestsOn(name="spring", version=3, orders=1500, used=True),
    )  # fmt: skip
    return planned(choice)


def by_person(made, gathered, offer, group):
    """Of the offer's contacts in the group: the rival, mean gains and least differences of the amounts, each person for
    himself.
    """
    choice, offers, index = made.campaign.choice, made.options.offers, {}
    mine = [
        k
        for k in range(len(made.row))
        if made.options.options[made.option[k]].offer == offer
        and GROUP_ORDER[gathered.group[made.base.subscriber[made.row[k]]]] is group
    ]
    for k in mine:
        tastes = made.chance.taste[made.options.options[made.option[k]].moment, made.row[k]]
        best = max((o for o in range(len(offers)) if o != offer), key=lambda o: tastes[o])
        if tastes[best] > 0:
            index[best] = index.get(best, 0) + 1
    if not index:
        return None
    rival = max(sorted(index), key=index.get)
    gains, least = dict.fromkeys(FIRST_DAY, 0.0), dict.fromkeys(FIRST_DAY, np.inf)
    for k in mine:
        row = made.row[k]
        tastes = made.chance.taste[made.options.options[made.option[k]].moment, row]
        cell = CELLS[made.base.cell[row]] if made.base.cell[row] >= 0 else None
        weights, unclear = (
            (choice.by_class[cell], choice.doubtful_by_class[cell])
            if cell
            else (choice.weights, choice.doubtful)
        )
        fee = int(made.base.fee_minor[row])
        one, other = sides(offers[offer], fee), sides(offers[rival], fee)
        for term in gains:
            counted = term not in unclear and tastes[rival] > 0
            gains[term] += counted * weights[term] * (other[term] - one[term]) / len(mine)
            least[term] = min(least[term], other[term] - one[term])
    return rival, gains, least


def test_what_a_plan_says_first_is_what_each_person_s_own_account_gives(learnt):
    made, gathered = learnt
    told = points_of_choice(made, gathered)
    assert told
    checked = 0
    for (offer_id, group), mine in list(told.items())[:4]:
        offer = next(k for k, one in enumerate(made.options.offers) if one.id == offer_id)
        rival, gains, least = by_person(made, gathered, offer, group)
        unit = {"true_cost": 0.01, "down": 0.01, "months": 1 / 12}
        expected = [t for t in gains if gains[t] > 1e-9 and least[t] >= unit[t] - 1e-9]
        expected.sort(key=gains.get, reverse=True)
        words = {
            "true_cost": "Over the whole",
            "down": "On the first day",
            "months": "You are bound",
        }
        amounts = [point for point in mine if any(point.feature.en.startswith(one) for one in words.values())]
        assert len(amounts) == len(mine), "a weight that is doubtful is not told, nor one that is not stated"
        assert [next(t for t in words if p.feature.en.startswith(words[t])) for p in mine] == expected
        for point in mine:
            assert made.options.offers[rival].name.zh in point.feature.zh
            assert "1,500 orders" in point.evidence.en
            assert "spring" in point.evidence.zh
        checked += len(mine)
    assert checked


def test_scripts_and_page_begin_with_it_in_both_languages(learnt):
    made, gathered = learnt
    told = points_of_choice(made, gathered)
    rows = plan_rows(made, gathered)
    document = document_of(made, gathered, rows, as_of=DAY, brief=made.campaign, catalogue=CASE)
    page = {row.group: row.points for row in summarised(made, gathered, Scorer()).groups}
    for (offer, group), mine in told.items():
        script = document["offers"][offer]["script"][group.value]
        assert mine[0].feature.en in script[2]["en"]
        assert mine[0].feature.zh in script[2]["zh"]
        assert len(mine) <= 3
    assert any(mine[0] in page[group] for (_, group), mine in told.items())
    dated = rows.contacts.filter(rows.contacts["day"].is_valid()).slice(0, 200)
    dated = dated.set_column(dated.schema.get_field_index("day"), "day", dated["day"].cast("string"))
    out = HandedOut(
        rows=dated, numbers=("1",) * len(dated), contacts=tuple(range(len(dated))), fell_out={}, document=document
    )  # fmt: skip
    column = [one.en for one in HEADERS].index("What to say")
    for row, line in zip(dated.to_pylist(), lines_of(out, "zh"), strict=True):
        mine = told.get((row["offer"], Group(row["group"])))
        if mine:
            assert mine[0].feature.zh in line[column]


def test_by_price_alone_the_catalogue_s_own_points_and_scripts_stand():
    made, gathered = planned(Choice(price_elasticity=2.0, organic_share=0.8, fatigue=Money(10)))
    assert points_of_choice(made, gathered) == {}
    document = document_of(
        made, gathered, plan_rows(made, gathered), as_of=DAY, brief=made.campaign, catalogue=CASE
    )
    for offer in CASE.offers:
        lines = {group.value: CASE.script(offer, group) for group in Group}
        expected = {
            group: [{"en": one.en, "zh": one.zh} for one in some] for group, some in lines.items() if some
        }
        assert document["offers"][str(offer.id)]["script"] == expected
    for row in summarised(made, gathered, Scorer()).groups:
        assert row.points == tuple(p for one in row.offers for p in one.offer.points_for(row.group))
