"""The case file: what it says, how mistakes are told, and a case of one's own beside the data."""

import html
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.page_text import text_of

from telewave.briefs.campaign_file import load_campaign, parse_campaign, reference_text
from telewave.kernel import Label
from telewave.platform.progress import Silent
from telewave.platform.yaml_files import YamlMistake, YamlUnreadable
from telewave.targeting.bands import AGE, USUAL_BANDS
from telewave.targeting.case import Level, bands_of, spoken_of
from telewave.targeting.case_file import case_text, named_case, parse_case, reference_case
from telewave.targeting.page import report_page
from telewave.targeting.plan import DEFAULT_PLAN, Group
from telewave.targeting.resemblance import Agreement, points_of
from telewave.targeting.usecases import group, grouped, make_report

ROOT = Path(__file__).resolve().parents[2]
AS_OF, NOW = date(2026, 7, 1), datetime(2026, 7, 1, 9, tzinfo=UTC)
OWN = """\
name: {en: Our modem campaign, zh: 我们的上网卡营销}
about: 2025, spring.
contributions:
  - {measure: data_mb, title: Data, share: 40 %}
  - {measure: age, title: Age, share: 0.25, response: high at 30}
groups:
  core:
    words: students
    ages: {of: [16-21, 30], words: "16–21 or 30"}
    statements:
      - {variable: data_min_3m, is: high, words: much on line}
      - {variable: mms_out_3m, is: low, words: no MMS}
  basic: {words: the rest}
"""


def seen(context, language):
    """The report's words, with single blanks between them."""
    return " ".join(html.unescape(text_of(report_page(context, language))).split())


def test_the_shipped_case_is_the_branchs_own_table():
    """Figures and statements of the consultant's plan, typed here a second time."""
    case = reference_case()
    assert [(line.measure, line.share) for line in case.contributions] == [
        ("called_home_min", 0.235366), ("data_min", 0.154363), ("tenure_months", 0.115743), ("age", 0.060263),
        ("calling_home_inter_provincial_min", 0.056605), ("calls", 0.038245), ("mms_out", 0.035292), ("data_mb", 0.019421),
    ]  # fmt: skip
    assert case.groups[Group.NORMAL].ages.stretches == ((18, 24), (37, 46))
    assert case.groups[Group.BASIC].ages.stretches == ((46, None),)
    assert [one.level for one in case.groups[Group.NORMAL].statements] == [
        Level.BELOW_CORE, Level.BETWEEN, Level.BETWEEN,
    ]  # fmt: skip
    assert bands_of(case) == USUAL_BANDS
    assert reference_case() is case


def test_a_case_of_ones_own_says_what_its_file_says():
    case = parse_case(OWN)
    assert [line.share for line in case.contributions] == [0.4, 0.25]
    assert case.line_of("data_mb_1m").label == Label("Data", "Data")
    assert case.groups[Group.CORE].ages.stretches == ((16, 22), (30, 31))
    assert spoken_of(case) == ("age", "data_min_3m", "mms_out_3m")
    assert [band.label.en for band in bands_of(case)[AGE]] == [
        "under 16", "16–21", "22–29", "30", "31 and over",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", [OWN, case_text(reference_case()), "name: x\ngroups: {core: {words: all}}\n"]
)
def test_a_case_is_written_as_it_is_read(text):
    assert parse_case(case_text(parse_case(text))) == parse_case(text)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("name: {", "title: {", "line 1: `title` is not known here"),
        ("share: 40 %", "share: 80 %", "line 4: the shares add up to 1.050"),
        ("measure: data_mb", "measure: data_mbs", "line 4: .*Did you mean `data_mb`"),
        ("measure: data_mb", "measure: zzz", "line 4: `zzz` is no variable. `telewave features list`"),
        ("measure: age", "measure: data_mb", "line 5: `data_mb` is given twice"),
        ("variable: mms_out_3m", "variable: payment", "line 12: "),
        ("is: low", "is: between", "line 12: `between` cannot be said of the group Core"),
        ("is: low", "is: lower", "line 12: .*Did you mean `low`"),
        ("16-21", "21-16", "line 9: '21-16' is not a stretch of ages. Write 24-36 or 46"),
        ("16-21", "young", "line 9: 'young' is not a stretch"),
        ("[16-21, 30]", "[16-21, 30, 40, 50]", "line 7: groups begin and end at 8 ages"),
        ("words: students", "note: students", "line 8: `note` is not known"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_remedy(old, new, told):
    with pytest.raises(YamlMistake, match=told):
        parse_case(OWN.replace(old, new, 1), "own.yaml")


def test_a_case_that_says_nothing_is_refused():
    with pytest.raises(YamlMistake, match="Give `contributions`, `groups` or both"):
        parse_case("name: x\n")


def test_a_path_begins_beside_the_file_that_names_it(tmp_path):
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    assert named_case("own.yaml", tmp_path) == parse_case(OWN)
    assert named_case("reference", tmp_path) == reference_case()
    with pytest.raises(YamlUnreadable, match="there is no such file"):
        named_case("other.yaml", tmp_path)


def test_a_campaign_names_the_case_that_its_groups_are_shown_beside(tmp_path):
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    text = reference_text()
    assert parse_campaign(text).case == reference_case()
    file = tmp_path / "spring.yaml"
    file.write_text(re.sub(r"\ncase: reference.*", "\ncase: own.yaml", text), encoding="utf-8")
    own = load_campaign(file)
    assert own.case == parse_case(OWN)
    assert own.digest == parse_campaign(text).digest, "nothing is planned by a case"
    file.write_text(re.sub(r"\ncase: reference.*", "\ncase: lost.yaml", text), encoding="utf-8")
    with pytest.raises(YamlMistake, match=r"spring\.yaml, line 9: .*lost\.yaml cannot be read"):
        load_campaign(file)


def test_the_report_compares_with_the_case_that_is_named_and_with_that_of_the_campaign_before_it(
    warehouse, wide, scored
):
    own = parse_case(OWN)
    group(warehouse, "handset", AS_OF, DEFAULT_PLAN, Silent())
    made = make_report(warehouse, scored.card, wide, NOW, Silent(), case=own)
    told = {str(point.statement): point.agreement for point in points_of(own, made.profiles, Group.CORE)}
    assert told["much on line"] is Agreement.AGREES
    words = seen(made, "en")
    assert "Beside a case: Our modem campaign 2025, spring. The case describes" in words
    assert "16–21 or 30:" in words
    assert "high at 30" in words
    assert "eference case" not in words
    shown = {band.band.label.en for band in made.everybody.bands[AGE] if band.band}
    assert shown == {"under 16", "16–21", "22–29", "30", "31 and over"}

    group(warehouse, "handset", AS_OF, DEFAULT_PLAN, Silent(), case=replace(own, name=Label("Kept", "存档")))
    assert grouped(warehouse, "handset", AS_OF).case.groups == own.groups
    made = make_report(warehouse, scored.card, wide, NOW, Silent(), case=reference_case())
    assert "与案例对照：存档" in seen(made, "zh")


def test_a_case_without_groups_shows_contributions_alone(warehouse, wide, scored):
    group(warehouse, "handset", AS_OF, DEFAULT_PLAN, Silent())
    bare = replace(parse_case(OWN), groups={})
    words = seen(make_report(warehouse, scored.card, wide, NOW, Silent(), case=bare), "en")
    assert "Beside a case" not in words
    assert "The case's own contributions" in words


@pytest.mark.parametrize("folder", ["docs/reference", "docs/zh/reference"])
def test_the_documented_case_is_read(folder):
    page = (ROOT / folder / "report.md").read_text("utf-8")
    (example,) = [
        text for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "contributions:" in text
    ]
    assert parse_case(example).groups
