"""The campaign file: what it says, and how each mistake is named with its line and the remedy."""

from importlib.resources import files
from pathlib import Path

import pytest

from telewave.briefs.assortment import not_proposed, offers_of
from telewave.briefs.campaign_file import load_campaign, parse_campaign, reference_text
from telewave.briefs.model import Holdout
from telewave.briefs.pilot import Pilot
from telewave.kernel import Money
from telewave.offers.catalogue_file import reference_case
from telewave.platform.yaml_files import YamlMistake, YamlUnreadable
from telewave.targeting.plan import Group

SMALL = """\
campaign: spring
model: handset
offers: all
from: 2026-03-01
to: 2026-03-31
phases:
  - {id: one, from: 2026-03-01, to: 2026-03-31}
channels:
  - {id: calls, sells: hall, cost: 3, effect: {odds_ratio: 1.5}}
choice: {price_elasticity: 2, organic_share: 80 %}
"""


FIRST = next(offer.id for offer in reference_case().offers if "hall" in offer.channels)


def test_an_offer_that_is_on_sale_on_no_day_is_told_with_its_line(tmp_path):
    text = shipped_catalogue().replace(
        f"  - id: {FIRST}\n", f"  - id: {FIRST}\n    valid: {{to: 2026-01-31}}\n"
    )
    (tmp_path / "offers.yaml").write_text(text, encoding="utf-8")
    file = tmp_path / "spring.yaml"
    file.write_text(SMALL.replace("all\n", f"[{FIRST}]\ncatalogue: offers.yaml\n", 1), encoding="utf-8")
    with pytest.raises(YamlMistake, match=r"line 3: .*on sale on no day"):
        load_campaign(file)
    file.write_text(SMALL.replace("all\n", "all\ncatalogue: offers.yaml\n", 1), encoding="utf-8")
    campaign = load_campaign(file)
    catalogue, offers = offers_of(campaign, tmp_path)
    assert FIRST not in {offer.id for offer in offers}
    told = [str(line) for line in not_proposed(campaign, catalogue)]
    assert "on no day" in told[0]
    assert "Sold by no channel" in told[1]


def shipped_catalogue():
    return (files("telewave.offers") / "reference_case.yaml").read_text("utf-8")


def test_an_offer_that_is_never_the_best_choice_is_proposed_only_if_the_campaign_says_so():
    beaten, better = "new-single-89-subsidy", "web-subsidy-3650"
    selling = "all\ncatalogue: reference\n"
    text = SMALL.replace("all\n", selling, 1).replace("sells: hall,", "sells: [hall, web_hall],")
    catalogue, offers = offers_of(parse_campaign(text), Path())
    assert beaten not in {offer.id for offer in offers}
    assert better in {offer.id for offer in offers}
    told = [str(line) for line in not_proposed(parse_campaign(text), catalogue)]
    assert any("Never the best choice" in line and "device 3,799 by subsidy" in line for line in told)
    again = parse_campaign(text + "dominated_offers: yes\n")
    assert beaten in {offer.id for offer in offers_of(again, Path())[1]}
    told = [str(line) for line in not_proposed(again, catalogue)]
    assert any("although" in line and "by 149" in line for line in told)
    named = parse_campaign(text.replace("all\n", f"[{beaten}, {better}]\n", 1))
    assert beaten in {offer.id for offer in offers_of(named, Path())[1]}
    assert "by 149" in str(not_proposed(named, catalogue)[0])


def test_an_automatic_holdout_and_an_effect_of_one_offer_are_read():
    text = SMALL.replace("odds_ratio: 1.5", f"odds_ratio: 1.5, offers: {{{FIRST}: {{odds_ratio: 2}}}}")
    campaign = parse_campaign(text + "holdout: {campaign: auto, explored: 2 %}\ncontacts_a_household: 1\n")
    assert campaign.holdout == Holdout(None, 0.02)
    assert campaign.household_contacts == 1
    assert campaign.channels[0].effect.offers[FIRST].odds_ratio == 2


def test_the_reference_case_is_read_whole():
    campaign = load_campaign(Path("reference"))
    assert [phase.id for phase in campaign.phases] == ["phase-1", "phase-2"]
    assert campaign.phases[1].goal == (6000, 8000)
    assert campaign.matrix[Group.BASIC] == ("web_push",)
    web = campaign.channels[-1]
    assert web.calendar.phases == {1}
    assert campaign.timetable.capacity[-1, :31].sum() == 0


def test_what_a_small_file_leaves_out_has_usual_values():
    campaign = parse_campaign(SMALL)
    assert campaign.most_contacts == 1
    assert campaign.budget.total is None
    assert campaign.offers == ()
    assert campaign.title.en == "spring"
    assert campaign.channels[0].cost == Money(300)


def test_a_pilot_weighs_against_the_belief_by_contacts():
    pilot = "{odds_ratio: 1.5, weight: 1000, pilot: {contacted: 1000, takers: 40, held_out: 1000, takers_held_out: 20}}"
    effect = parse_campaign(SMALL.replace("{odds_ratio: 1.5}", pilot)).channels[0].effect
    seen = Pilot(1000, 40, 1000, 20).log_odds_ratio
    assert effect.expected == pytest.approx((1.5 * 2.718281828**seen) ** 0.5, rel=1e-6)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("model: handset", "modell: handset", 2, "Did you mean `model`?"),
        ("offers: all\n", "", 1, "`offers` is missing"),
        ("to: 2026-03-31\nph", "to: 2026-02-01\nph", 5, "2026-02-01"),
        ("from: 2026-03-01, to: 2026-03-31}", "from: 2026-03-31, to: 2026-03-01}", 7, "2026-03-31"),
        ("from: 2026-03-01, to: 2026-03-31}", "from: 2026-03-01, to: 2026-04-30}", 7, "2026-04-30"),
        ("from: 2026-03-01, to: 2026-03-31}", "from: 2026-03-07,\n     to: 2026-03-01}", 8, "2026-03-07"),
        ("cost: 3", "cost: 3, weekdays: [], capacity_a_day: 3", 9, "no working day"),
        ("campaign: spring", "campaign: ''", 1, "cannot be an id"),
        ("campaign: spring", "campaign: a/b", 1, "cannot be an id"),
        ("id: calls", "id: ' '", 9, "cannot be an id"),
        ("offers: all", "offers:\n  - {first}\n  - unicorn", 5, "unicorn"),
        ("offers: all", "offers:\n  - {first}\n  - {first}", 4, "given twice"),
        ("offers: all", "offers: [all, {first}]", 3, "alone"),
        ("offers: all", "offers: []", 3, "no offer is named"),
        ("offers: all", "offers:\n  - {first}\n  - shop-credit-3100", 5, "No channel"),
        ("offers: all", "offers: all\ncurrency: USD", 4, "USD"),
        ("80 %", "80 %, levers: {unicorn: 1.2}", 10, "unicorn"),
        ("odds_ratio: 1.5", "odds_ratio: 1.5, offers: {unicorn: {odds_ratio: 2}}", 9, "unicorn"),
        ("choice:", "holdout: {campaign: 100 %}\nchoice:", 10, "less than 1"),
        ("choice:", "holdout: {explored: 1}\nchoice:", 10, "less than 1"),
        ("choice:", "holdout: {universal: 1 %}\nchoice:", 10, "TELEWAVE_UNIVERSAL_CONTROL"),
        ("choice:", "contacts_a_household: 0\nchoice:", 10, "1 or more"),
        ("offers: all", "offers: all\ncatalogue: none.yaml", 4, "none.yaml"),
        ("from: 2026-03-01\nto", "from: March\nto", 4, "2026-07-01"),
        ("cost: 3", "cost: -3", 9, "zero or more"),
        ("cost: 3", "cost: 3.001", 9, "two decimals"),
        ("cost: 3", "cost: 3, capacity_a_day: many", 9, "whole number"),
        ("cost: 3", "cost: 3, weekdays: [mon, noday]", 9, "noday"),
        ("cost: 3", "cost: 3, quiet: [late]", 9, "21:00-09:00"),
        ("cost: 3", "cost: 3, consent: 'has_mobile ='", 9, ""),
        ("cost: 3", "cost: 3, records: fax", 9, "fax"),
        ("odds_ratio: 1.5", "odds_ratio: 100", 9, "between 0.1 and 20"),
        (
            "odds_ratio: 1.5",
            "odds_ratio: 1.5, pilot: {contacted: 1, takers: 2, held_out: 1, takers_held_out: 0}",
            9,
            "cannot be more",
        ),
        ("80 %", "180 %", 10, "more than 1"),
        ("80 %", "80 %, levers: {first: 9}", 10, "0.5 to 2"),
        ("choice:", "budget: {channels: {fax: 3}}\nchoice:", 10, "fax"),
        ("choice:", "currency: yuan\nchoice:", 10, "three capitals"),
        ("choice:", "minimums: [{title: x, audience: age > 3}]\nchoice:", 10, "`contacts` is missing"),
        ("phases:\n", "phases:\n  - {id: one, from: 2026-03-01, to: 2026-03-01}\n", 7, "given twice"),
        ("campaign: spring", "campaign: [spring", 2, "not YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_the_remedy(old, new, line, words):
    text = SMALL.replace(old, new.replace("{first}", FIRST).replace("first:", f"{FIRST}:"), 1)
    assert text != SMALL
    with pytest.raises(YamlMistake) as caught:
        parse_campaign(text, "spring.yaml")
    assert f"spring.yaml, line {line}:" in str(caught.value)
    assert words in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(YamlUnreadable, match=r"none\.yaml"):
        load_campaign(tmp_path / "none.yaml")


def test_the_example_that_is_printed_is_the_reference_case():
    assert parse_campaign(reference_text()).id == "handset"
