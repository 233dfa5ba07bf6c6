"""The demo's pages: what each is called and where it stands, the tiles of the front page. Assembly only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from telewave.kernel import Label, Message
from telewave.learning.usecases import Compared
from telewave.learning.words import headline as compared_words
from telewave.measurement.effect import Effect
from telewave.measurement.model import Measured
from telewave.measurement.words import headline, whole
from telewave.models.model import Trust
from telewave.offers.bench import bench
from telewave.offers.causes import causes
from telewave.offers.usecases import Checked
from telewave.outbound.agent_words import headline as of_agents
from telewave.outbound.agents import JudgedAgents, Verdict
from telewave.outbound.bulletin import Bulletin
from telewave.outbound.bulletin_words import in_short
from telewave.planning.summary import Summary
from telewave.platform.files import write_whole
from telewave.platform.languages import LANGUAGES, Language
from telewave.platform.pages import Link, Place
from telewave.platform.pages.front import Tile, Words, front_page
from telewave.platform.pages.rendering import count, people
from telewave.projects.action_plan import ActionPlan, Timing, schedule
from telewave.targeting.report import ReportContext
from telewave.targeting.sentences import amount

FRONT, WHO, POLICIES, PLAN, ACTIONS, EARNED = "index", "report", "policies", "plan", "actions", "earned"
BULLETIN, AGENTS, PARCELS, LEARNT = "bulletin", "agents", "parcels", "learning"
NAMES = {
    FRONT: Message("Overview"),
    WHO: Message("Whom to reach"),
    POLICIES: Message("Which policies"),
    PLAN: Message("The plan"),
    ACTIONS: Message("The action plan"),
    BULLETIN: Message("A day of calls"),
    AGENTS: Message("The agents"),
    PARCELS: Message("The parcels"),
    EARNED: Message("What it earned"),
    LEARNT: Message("What was learnt"),
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
    """The front page in both languages, its tiles in the order of the pages' links."""
    order = list(NAMES)
    tiles = sorted(tiles, key=lambda one: order.index(one.page))
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


def bulletin_tile(found: Bulletin) -> Tile:
    """The day's calls."""
    return Tile(
        page=BULLETIN,
        name=NAMES[BULLETIN],
        figure=count(found.today.calls),
        unit=Message("calls on {day}", day=found.day),
        sentence=in_short(found),
    )


def agents_tile(found: JudgedAgents) -> Tile:
    """How many agents are truly low, and whom to coach."""
    low = [one for one in found.agents if one.verdict is Verdict.LOW]
    return Tile(
        page=AGENTS,
        name=NAMES[AGENTS],
        figure=f"{len(low)}/{len(found.agents)}",
        unit=Message("agents known to be truly low"),
        sentence=of_agents(found)[0],
    )


def parcels_tile(ordered: int, closed: int, failed: int) -> Tile:
    """How many parcels are paid."""
    return Tile(
        page=PARCELS,
        name=NAMES[PARCELS],
        figure=f"{closed}/{ordered}",
        unit=Message("parcels paid to the cent and closed"),
        sentence=Message("{failed:,} were refused at the door.", failed=failed),
    )


def learnt_tile(found: Compared) -> Tile:
    """Whether what was learnt anew is better."""
    refit = found.refit
    return Tile(
        page=LEARNT,
        name=NAMES[LEARNT],
        figure=count(refit.judged.told),
        unit=Message("later contacts that judge what was learnt anew"),
        sentence=compared_words(refit)[0],
    )


def nothing_tile(folder: Path, page: str, why: Message) -> Tile:
    """A page that says why there is nothing to tell, in both languages; and that in short."""
    tile = Tile(page=EARNED, name=NAMES[EARNED], figure="–", unit="", sentence=why)
    for language in LANGUAGES:
        text = front_page(NAMES[page], [tile], language, simulated=True, place=place(page, language))
        write_whole(folder / f"{page}.{language}.html", text)
    return Tile(page=page, name=NAMES[page], figure="–", unit="", sentence=why)


def earned_tile(found: Measured, larger: Sequence[Message]) -> Tile:
    """How many orders the campaign brought; between what, where that may be none, and then what a branch could tell
    (`larger`).
    """
    figure: Words = "–"
    unit = Message("orders brought by the campaign, measured against its holdout (95 %)")
    if isinstance(found.orders, Effect):
        total = found.orders.total
        low, high = whole(total.low), whole(total.high)
        figure = Message("{low} to {high}", low=low, high=high)
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
        sentence=[*larger, *headline(found)][0],
    )
