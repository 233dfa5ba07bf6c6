"""The plan file: what it says, and what is said about its mistakes."""

from pathlib import Path

import pytest

from telewave.kernel import Label, Money
from telewave.platform.yaml_files import YamlMistake, YamlUnreadable
from telewave.targeting.plan import DEFAULT_PLAN, Contacts, ShareOfBase, Unlimited
from telewave.targeting.plan_file import load_plan, parse_plan

ROOT = Path(__file__).resolve().parents[2]
GOOD = """\
margin_per_sale: 850.50
currency: EUR
groups:
  core:
    channels:
      - {en: Outbound call, zh: 外呼}
      - App
    cost_per_contact: 3.00
    capacity: 5 %
    response_factor: 1.0
  normal:
    channels: [SMS]
    cost_per_contact: 0.2
    capacity: 100_000
    response_factor: 0.5
  basic:
    channels: [Posters]
    cost_per_contact: 0
    capacity: unlimited
    response_factor: 0.1
"""


def test_a_plan_file_gives_margin_channels_costs_capacities_and_factors():
    plan = parse_plan(GOOD)
    assert plan.margin == Money(850_50, "EUR")
    assert plan.core.channels == (Label("Outbound call", "外呼"), Label("App", "App"))
    assert plan.core.capacity == ShareOfBase(0.05)
    assert plan.normal.capacity == Contacts(100_000)
    assert plan.normal.cost == Money(20, "EUR")
    assert plan.basic.capacity == Unlimited()
    assert plan.basic.response_factor == 0.1


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("cost_per_contact: 3.00", "cost_per_contct: 3.00", 8, "Did you mean `cost_per_contact`?"),
        ("capacity: 5 %", "capacity: many", 9, "5 %, or unlimited"),
        ("capacity: 5 %", "capacity: 150 %", 9, "5 %, or unlimited"),
        ("response_factor: 1.0", "response_factor: 50", 10, "at most 10"),
        ("cost_per_contact: 0.2", "cost_per_contact: cheap", 13, "not a number"),
        ("cost_per_contact: 0.2", "cost_per_contact: 0.205", 13, "more than two decimals"),
        ("cost_per_contact: 0.2", "cost_per_contact: -1", 13, "zero or more"),
        ("currency: EUR", "currency: euro", 2, "three capitals"),
        ("currency: EUR", "margin_per_sale: 3", 2, "twice"),
        ("channels: [SMS]", "channels: SMS", 12, "a list belongs here"),
        ("channels: [SMS]", "channels: ['']", 12, "name is missing"),
        ("    capacity: unlimited\n", "", 17, "`capacity` is missing"),
        ("response_factor: 0.5", "response_factor: 0.05", 1, "must not rise"),
        ("capacity: unlimited", "capacity: 7", 1, "everybody who is left"),
        ("groups:", "groups: [", 3, "not YAML"),
        ("margin_per_sale: 850.50", "margin: 850.50", 1, "not known here"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_the_remedy(old, new, line, says):
    assert old in GOOD
    with pytest.raises(YamlMistake) as refused:
        parse_plan(GOOD.replace(old, new, 1), "plan.yaml")
    if "not YAML" not in says:
        assert refused.value.message.values["line"] == line
    assert says in str(refused.value)


def test_an_empty_file_is_told_what_must_stand_in_it():
    with pytest.raises(YamlMistake, match="margin_per_sale, currency, groups"):
        parse_plan("")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(YamlUnreadable, match=r"plan\.yaml"):
        load_plan(tmp_path / "plan.yaml")


def test_the_documented_plan_is_the_default_one():
    for folder in ("docs/reference", "docs/zh/reference"):
        page = (ROOT / folder / "report.md").read_text()
        example = page.split("```yaml\n")[1].split("```")[0]
        assert parse_plan(example) == DEFAULT_PLAN
