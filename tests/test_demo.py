"""The whole main job, as `make demo` runs it, on a city small enough for a test; run again, it goes on from what is there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.json_answers import untyped, well_formed
from tests.page_text import text_of, words_of
from tests.pages_in_browser import look_at, printed
from tests.started import started

from telewave.approvals.approval import State
from telewave.briefs.campaign_file import load_campaign
from telewave.simulation.facts import OFFER
from telewave.targeting.plan import Group

DEMO = ("demo", "--folder", "demo", "--subscribers", "12000")
COMMAND = [sys.executable, "-m", "telewave.cli"]
OURS = {"COLUMNS": "120", "OMP_WAIT_POLICY": "PASSIVE", "TELEWAVE_THREADS": "1"}


def surroundings(folder):
    return {"PATH": os.environ["PATH"], "HOME": str(folder)} | OURS


def run(folder, *options, lang="zh"):
    """What the demo does in an interpreter that has loaded nothing, as `make demo` starts it."""
    return subprocess.run(
        [*COMMAND, "--lang", lang, *options],
        cwd=folder, env=surroundings(folder), capture_output=True, text=True, check=False,
    )  # fmt: skip


def asked(folder, *words, lang="en"):
    return started(["--lang", lang, *words], cwd=folder, env=surroundings(folder), text=True)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder, run(folder, *DEMO)


def test_the_demo_ends_well_and_says_what_to_look_at(done):
    folder, result = done
    assert result.returncode == 0, result.stdout + result.stderr
    assert str(folder / "demo" / "index.zh.html") in result.stdout.replace("\n", "")
    assert "模拟" in result.stdout
    for group in ("核心目标群", "一般目标群", "基础目标群"):
        assert group in result.stdout


def test_both_reports_are_whole_and_need_no_network(done):
    folder, _ = done
    for language in ("zh", "en"):
        page = (folder / "demo" / f"report.{language}.html").read_text()
        assert page.rstrip().endswith("</html>")
        assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=\"https?:", page)


def test_the_demo_goes_on_to_a_plan_that_a_second_person_approved(done):
    folder, result = done
    for name in ("index", "policies", "plan", "actions"):
        for language in ("zh", "en"):
            page = (folder / "demo" / f"{name}.{language}.html").read_text()
            assert page.rstrip().endswith("</html>")
            assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=\"https?:", page)
    told = json.loads((folder / "demo" / "plan.json").read_text())
    assert told["contacts"] > 0
    assert "本方案" in result.stdout
    assert "已批准" in result.stdout
    handed_out = (folder / "demo" / "contacts.csv").read_text(encoding="utf-8-sig").splitlines()
    assert handed_out[0].startswith("号码,渠道,业务")
    assert 1 < len(handed_out) <= told["contacts"] + 1


SHOWING = [
    "models",
    "models contract_phone",
    "campaign list",
    "campaign show {campaign}",
    "campaign history {campaign}",
    "plan list",
    "base --as-of {day} --offer {offer}",
    "score --model contract_phone --as-of {day}",
    "group --model contract_phone --as-of {day}",
    "halls list",
    "outbound agents {campaign} --as-of 2026-09-08",
    "outbound bulletin {campaign} --day 2026-07-02",
    "learning show {campaign}",
]


def test_every_table_of_a_whole_home_is_an_object_with_numbers_as_numbers(done):
    folder, _ = done
    told = json.loads((folder / "demo" / "plan.json").read_text())
    names = {"campaign": told["campaign"], "day": told["as_of"], "offer": OFFER}
    for line in SHOWING:
        shown = asked(folder / "demo", *line.format(**names).split(), "--json")
        answer = json.loads(shown.stdout)
        assert shown.returncode == 0, (line, answer)
        assert answer["tables"] or answer["sentences"], line
        assert well_formed(answer), line
        assert untyped(answer) == [], line


FOLLOWING = ("bulletin", "agents", "parcels", "learning")
PAGES = ("index", "report", "policies", "plan", "actions", "earned", *FOLLOWING)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_leads_to_its_siblings_and_to_itself_in_the_other_language(done, language):
    folder, _ = done
    other = "en" if language == "zh" else "zh"
    for name in PAGES:
        page = (folder / "demo" / f"{name}.{language}.html").read_text()
        leads = set(re.findall(r'href="([^"#]+\.html)"', page))
        assert leads == {f"{one}.{language}.html" for one in PAGES if one != name} | {f"{name}.{other}.html"}
        assert all((folder / "demo" / one).is_file() for one in leads)
        assert page.count('aria-current="page"') == 1


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_the_demo_can_be_read_wide_narrow_on_paper_and_aloud(
    done, browser, tmp_path, name, language
):
    html = (done[0] / "demo" / f"{name}.{language}.html").read_text()
    for width in (1280, 390):
        assert look_at(browser, html, tmp_path, name=f"{name}.{language}", width=width) == []
    assert printed(browser, html, tmp_path, name=f"{name}.{language}") == []


def test_the_policies_page_is_within_four_thousand_words(done):
    for language in ("zh", "en"):
        assert words_of((done[0] / "demo" / f"policies.{language}.html").read_text()) <= 4_000


def test_the_front_page_says_what_the_pages_say(done):
    folder, _ = done
    for language in ("zh", "en"):
        front = text_of((folder / "demo" / f"index.{language}.html").read_text())
        plan = text_of((folder / "demo" / f"plan.{language}.html").read_text())
        told = json.loads((folder / "demo" / "plan.json").read_text())
        assert f"{told['contacts']:,}" in front
        for amount in re.findall(r"[\d,.]+ (?:yuan|元)", front):
            assert amount in plan
        assert text_of((folder / "demo" / f"earned.{language}.html").read_text()).count(brought(folder)) >= 1
        assert brought(folder, "{1} 至 {2}" if language == "zh" else "{1} to {2}") in front


def brought(folder, form="{} ({} – {})"):
    """Orders that the campaign brought, with their interval, by the document."""
    total = json.loads((folder / "demo" / "earned.json").read_text())["orders"]["total"]
    return form.format(*(shown(total[one]) for one in ("value", "low", "high")))


def shown(orders):
    return f"{orders:,.0f}" if abs(orders) >= 10 else f"{orders:,.1f}"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_the_campaign_earned_is_the_same_on_its_page_in_the_document_and_on_the_terminal(done, language):
    folder, result = done
    told = json.loads((folder / "demo" / "earned.json").read_text())
    page = " ".join(text_of((folder / "demo" / f"earned.{language}.html").read_text()).split())
    assert brought(folder) in page
    low, high = (f"{told['orders']['total'][one]:,.0f}" for one in ("low", "high"))
    truth = {
        "en": f"really brought {told['simulated_truth']} orders",
        "zh": f"实际带来 {told['simulated_truth']} 笔订单",
    }
    assert truth[language] in page
    assert (f"{low} to {high}" if language == "en" else f"{low} 至 {high}") in page
    for number in told["took"].values():
        assert f"{number:,}" in page
    said = "".join(result.stdout.split())
    assert truth["zh"].replace(" ", "") in said
    assert f"{low}至{high}" in said


def lines_of(folder, pattern):
    """The lines below the headings of the campaign's files."""
    files = sorted((folder / "demo" / "answers").glob(pattern))
    return [line.split(",") for file in files for line in file.read_text().splitlines()[1:]]


def test_whoever_said_yes_on_the_phone_is_expected_in_a_hall_and_who_comes_is_noted(done):
    folder, result = done
    willing = {contact for contact, outcome, *_ in lines_of(folder, "results/*.csv") if outcome == "willing"}
    booked = lines_of(folder, "halls/*.csv")
    assert {contact for contact, *_ in booked} == willing
    said = "".join(result.stdout.split())
    told = re.search(r"([\d,]+)位客户在电话中有意向并预约到厅，其中([\d,]+)位到厅，([\d,]+)位当场办理", said)
    made, came, ordered = (int(one) for one in told.groups())
    assert made == len(willing)
    assert made >= came >= ordered


def test_parcels_are_paid_to_the_cent_or_refused_and_the_page_tells_the_same(done):
    folder, result = done
    orders = lines_of(folder, "parcels/orders-*.csv")
    statements = lines_of(folder, "parcels/statement-*.csv")
    refused = [line for line in lines_of(folder, "parcels/moves-*.csv") if line[1] == "refuse"]
    price = {order: amount for _, order, _, amount in orders}
    paid = {order: amount for order, amount, _ in statements}
    assert paid.items() <= price.items()
    said = "".join(result.stdout.split())
    assert f"{len(price)}笔需配送的订单中，{len(paid)}笔已签收" in said
    for language in ("zh", "en"):
        page = " ".join(text_of((folder / "demo" / f"parcels.{language}.html").read_text()).split())
        numbers = (
            f"{len(price)} 个包裹" if language == "zh" else f"Of {len(price)} parcels {len(paid)} are paid"
        )
        assert numbers in page
    assert len(price) >= len(paid) + len(refused)


def test_every_call_names_its_agent_and_what_only_a_simulation_knows_is_marked(done):
    folder, result = done
    agents = [agent for _, outcome, _, agent in lines_of(folder, "results/*.csv") if outcome == "refused"]
    assert agents
    assert all(agents)
    assert "确实最弱" in "".join(result.stdout.split())
    for name in FOLLOWING:
        assert "模拟" in text_of((folder / "demo" / f"{name}.zh.html").read_text()), name


def test_all_contacts_that_went_out_have_a_result_but_those_who_never_came(done):
    folder, _ = done
    told = json.loads((folder / "demo" / "earned.json").read_text())
    lines = [
        line.split(",")
        for file in (folder / "demo" / "answers" / "results").iterdir()
        for line in file.read_text().splitlines()[1:]
    ]
    assert (
        len(lines)
        == len({line[0] for line in lines})
        == sum(one["contacts"] for one in told["channels"].values())
    )
    assert told["contaminated"] == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_all_pages_the_document_the_terminal_and_the_list_tell_the_same(done, language):
    folder = done[0] / "demo"
    said = {
        name: " ".join(text_of((folder / f"{name}.{language}.html").read_text()).split()) for name in PAGES
    }
    plan = json.loads((folder / "plan.json").read_text())
    made = plan["contacts"] - plan["without_day"]
    cost, profit = whole(plan["cost_minor"] / 100), whole(plan["expected_profit"])
    for page in ("index", "plan", "actions"):
        assert re.search(rf"\b{made:,} ", said[page]), page
        assert cost in amounts(said[page]), (page, cost)
    for page in ("index", "plan"):
        assert profit in amounts(said[page]), (page, profit)
    groups = [label(group, language) for group in Group]
    sizes = {
        page: [int(found.replace(",", "")) for found in sizes_of(said[page], groups)]
        for page in ("report", "plan")
    }
    assert sizes["report"] == sizes["plan"]
    assert sum(sizes["plan"]) == plan["subscribers"]
    assert f"{sizes['report'][0]:,}" in said["index"]
    alone = load_campaign(Path("reference")).choice.organic_share
    assert f"{alone:.0%}" in said["plan"]
    assert f"{alone:.1%}" in said["report"]
    state = label(State.LAUNCHED, language)
    assert said["actions"].count(state) >= 2
    day = plan["from"]
    assert day in said["actions"]
    rows = (folder / "contacts.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert 0 < len(rows) <= made


def label(one, language):
    return one.label.zh if language == "zh" else one.label.en


def whole(amount):
    """An amount in yuan as the pages round it."""
    return round(amount)


def amounts(text):
    """Every amount of money on a page, to the yuan."""
    return {
        round(float(found.replace(",", "")))
        for found in re.findall(r"(-?[\d,]+(?:\.\d+)?) ?(?:yuan|元)", text)
    }


def sizes_of(text, groups):
    """How many are in each group, by the first number that stands behind its name in the table of the groups. A table
    of contacts leaves out a group that nobody is in.
    """
    found = [re.search(rf"{one} ([\d,]+) ", text) for one in groups]
    return [one.group(1) if one else "0" for one in found]


@pytest.mark.prove
def test_the_demo_run_again_goes_on_from_what_is_there_and_says_the_same(done):
    folder, first = done
    records = folder / "demo" / "city" / "city.json"
    before = records.stat().st_mtime_ns
    again = run(folder, *DEMO)
    assert again.returncode == 0, again.stdout + again.stderr
    assert records.stat().st_mtime_ns == before
    assert groups(again.stdout) == groups(first.stdout)
    assert earned(again.stdout) == earned(first.stdout)


def earned(output):
    """What the terminal ends with, but for the time that bars tell."""
    return output[output.index("活动在模拟城市上的成效：") :]


def groups(output):
    """The table of the groups, to its lower border: the progress bars around it tell seconds, which differ from run to run."""
    table = output[output.index("核心目标群") :]
    return table[: table.index("└")].splitlines()


def test_another_city_is_not_made_over_the_one_that_is_there(done):
    folder, _ = done
    other = asked(folder, "demo", "--folder", "demo", "--subscribers", "5000")
    assert other.returncode == 1
    assert "holds something else than the city" in " ".join(other.stderr.split())


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["score", "--model", "nobody"], 1, "Say what to score"),
        (["train"], 1, "Say what to learn from"),
        (["no-such"], 2, "There is no command no-such here."),
        (["demo", "--subscribers", "many"], 2, "--subscribers takes a whole number"),
        (["features", "build", "--as-of", "yesterday"], 1, "Write it as year-month-day"),
    ],
)
def test_a_mistake_gets_a_sentence_with_a_remedy_and_no_traceback(tmp_path: Path, words, code, sentence):
    result = asked(tmp_path, *words)
    said = " ".join((result.stderr + result.stdout).split())
    assert (result.returncode, sentence in said) == (code, True), said
    assert "Traceback" not in said
