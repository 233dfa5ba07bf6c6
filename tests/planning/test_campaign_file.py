"""The campaign file: what it says, and how each mistake is named with its line and the remedy."""

from pathlib import Path

import pytest

from telewave.kernel import Money
from telewave.planning.campaign import Pilot
from telewave.planning.campaign_file import load_campaign, parse_campaign, reference_text
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
        ("to: 2026-03-31\nph", "to: 2026-02-01\nph", 1, "2026-02-01"),
        ("from: 2026-03-01, to: 2026-03-31}", "from: 2026-03-31, to: 2026-03-01}", 7, "2026-03-31"),
        ("from: 2026-03-01, to: 2026-03-31}", "from: 2026-03-01, to: 2026-04-30}", 1, "2026-04-30"),
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
        ("80 %", "80 %, levers: {x: 9}", 10, "0.5 to 2"),
        ("choice:", "budget: {channels: {fax: 3}}\nchoice:", 10, "fax"),
        ("choice:", "currency: yuan\nchoice:", 10, "three capitals"),
        ("choice:", "minimums: [{title: x, audience: age > 3}]\nchoice:", 10, "`contacts` is missing"),
        ("phases:\n", "phases:\n  - {id: one, from: 2026-03-01, to: 2026-03-01}\n", 7, "given twice"),
        ("campaign: spring", "campaign: [spring", 2, "not YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_the_remedy(old, new, line, words):
    text = SMALL.replace(old, new, 1)
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
