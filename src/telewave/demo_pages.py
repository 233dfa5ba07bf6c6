"""The demo's pages: what each is called and where it stands, the tiles of the front page. Assembly only."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from telewave.kernel import Label, Message
from telewave.measurement.effect import Effect
from telewave.measurement.model import Measured
from telewave.measurement.words import headline, whole
from telewave.models.model import Trust
from telewave.offers.bench import bench
from telewave.offers.causes import causes
from telewave.offers.usecases import Checked
from telewave.planning.summary import Summary
from telewave.platform.files import write_whole
from telewave.platform.languages import LANGUAGES, Language
from telewave.platform.pages import Link, Place
from telewave.platform.pages.front import Tile, front_page
from telewave.platform.pages.rendering import count, people
from telewave.projects.action_plan import ActionPlan, Timing, schedule
from telewave.targeting.report import ReportContext
from telewave.targeting.sentences import amount

FRONT, WHO, POLICIES, PLAN, ACTIONS, EARNED = "index", "report", "policies", "plan", "actions", "earned"
NAMES = {
    FRONT: Message("Overview"),
    WHO: Message("Whom to reach"),
    POLICIES: Message("Which policies"),
    PLAN: Message("The plan"),
    ACTIONS: Message("The action plan"),
    EARNED: Message("What it earned"),
}
TITLE = Label(
    "A campaign for the contract smartphone, from records to what it earned", "合约智能手机营销：从数据到成效"
)


def place(name: str, language: Language) -> Place:
    """Where the page stands: among its siblings of the same language, beside itself in the other one."""
    other = next(one for one in LANGUAGES if one != language)
    return Place(
        siblings=tuple(Link(words, f"{page}.{language}.html") for page, words in NAMES.items()),
        here=f"{name}.{language}.html",
        other_language=f"{name}.{other}.html",
    )


def write_front(folder: Path, tiles: list[Tile]) -> None:
    """The front page in both languages."""
    for language in LANGUAGES:
        page = front_page(TITLE, tiles, language, simulated=True, place=place(FRONT, language))
        write_whole(folder / f"{FRONT}.{language}.html", page)


def who_tile(report: ReportContext) -> Tile:
    """The core group, and what the contact causes in it; or that the list is not to be used."""
    core = report.core.profile
    if report.trust is Trust.STOP:
        said = Message("The ranking did not hold on months it had not seen: contact nobody by this list yet.")
    else:
        said = _who(report)
    return Tile(page=WHO, name=NAMES[WHO], figure=count(core.n), unit=report.counted, sentence=said)


def _who(report: ReportContext) -> Message:
    core = report.core.profile
    takers, caused = people(core.expected_takers), people(core.caused)
    if report.thin or report.channel is None:
        return Message(
            "The core group of the plan. If everybody in it were contacted, {takers} would take the offer, {caused} of "
            "them because of the contact. How many of them money and agents reach, the plan says.",
            takers=takers,
            caused=caused,
        )
    return Message(
        (
            "The core group, worth the contact that the plan has for it ({channel}). If everybody in it were "
            "contacted, {takers} would take the offer, {caused} of them because of the contact. How many of them "
            "money and agents reach, the plan says."
        ),
        channel=report.channel,
        takers=takers,
        caused=caused,
    )


def policies_tile(checked: Checked) -> Tile:
    """How many causes the findings have, and the first to be decided."""
    found = causes(bench(checked.catalogue, checked.market, checked.day), checked.findings)
    return Tile(
        page=POLICIES,
        name=NAMES[POLICIES],
        figure=count(len(found)),
        unit=Message("causes of trouble between {policies} policies", policies=len(checked.offers)),
        sentence=Message("Decide first: {cause}.", cause=found[0].title)
        if found
        else Message("The policies agree."),
    )


def plan_tile(plan: Summary) -> Tile:
    """What the contacts cause, cost and earn."""
    return Tile(
        page=PLAN,
        name=NAMES[PLAN],
        figure=people(plan.gained),
        unit=Message("takers because of the contact"),
        sentence=Message(
            "Within its capacities and budget: {contacts:,} contacts cost {cost} and are expected to earn {profit} "
            "more than doing nothing.",
            contacts=plan.contacts,
            cost=amount(plan.cost),
            profit=amount(plan.profit),
        ),
    )


def actions_tile(plan: ActionPlan, today: date) -> Tile:
    """How much of what must be there before the launch is done."""
    before = [one for one in schedule(plan, today) if one.due <= plan.launch]
    done = [one for one in before if one.timing is Timing.COMPLETE]
    return Tile(
        page=ACTIONS,
        name=NAMES[ACTIONS],
        figure=f"{len(done)}/{len(before)}",
        unit=Message("deliverables complete that are due by the launch"),
        sentence=Message("Launched on {launch}.", launch=plan.launch)
        if today >= plan.launch
        else Message("To be launched on {launch}.", launch=plan.launch),
    )


def earned_tile(found: Measured) -> Tile:
    """How many orders the campaign brought; between what, where that may be none."""
    figure: str = "–"
    unit = Message("orders brought by the campaign, measured against its holdout (95 %)")
    if isinstance(found.orders, Effect):
        total = found.orders.total
        low, high = whole(total.low), whole(total.high)
        figure = f"{low} – {high}"
        if found.orders.seen:
            figure = whole(total.value)
            unit = Message(
                "orders brought by the campaign, measured against its holdout (95 %: {low} to {high})",
                low=low,
                high=high,
            )
    return Tile(
        page=EARNED,
        name=NAMES[EARNED],
        figure=figure,
        unit=unit,
        sentence=headline(found)[0],
    )
