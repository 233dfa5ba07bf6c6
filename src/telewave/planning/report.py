"""A plan on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from telewave.kernel import Estimate, Figure, Label, Message, Money
from telewave.planning.explanation import Explanation
from telewave.planning.model import Plan
from telewave.planning.plans import PLAN_STATES, SHOWN_DIGITS
from telewave.planning.redating import Redated
from telewave.planning.summary import Summary
from telewave.planning.wave_funnel import Expected
from telewave.planning.wave_words import expected_words, wave_sources
from telewave.platform.terminal import Session
from telewave.scheduling.replanning import Change
from telewave.targeting.sentences import amount, percent

MOST_LIMITS = 6


def show_plan(session: Session, plan: Summary) -> None:
    """Headline, channels, ways, and the limits that hold it back."""
    session.table(
        Message("Contacts by phase and channel"),
        [Message("Phase"), Message("Channel"), Message("Contacts"), Message("Capacity"),
         Message("Because of the contact"), Message("Expected profit")],
        [
            [row.phase, row.channel, row.contacts, row.capacity, Figure.of(row.gained, ",.1f"), _money(row.profit)]
            for row in plan.uses
        ],
    )  # fmt: skip
    _show_waves(session, plan)
    session.table(
        Message("The same resources used in other ways"),
        [Message("Way"), Message("Contacts"), Message("Expected profit")],
        [[way.name, way.contacts, _money(way.profit)] for way in plan.ways],
    )
    binding = [row for row in plan.limits if row.binding][:MOST_LIMITS]
    if binding:
        session.table(
            Message("What holds the plan back"),
            [Message("Limit"), Message("Of"), Message("One unit more")],
            [[row.name, Figure.of(row.amount, ",.0f"), row.worth or ""] for row in binding],
        )
    for worth in plan.worth_of_more:
        session.say(worth)
    session.table(
        Message("Expected takers by phase, with 95 % intervals"),
        [Message("Phase"), Message("By themselves"), Message("Because of the contact"), Message("Together")],
        [[v.phase, *(_people(part) for part in (v.forecast.organic, v.forecast.by_contact, v.forecast.total))]
         for v in plan.volumes],
    )  # fmt: skip
    for volume in plan.volumes:
        if volume.check is not None:
            session.say(Message("{phase}: {verdict}", phase=volume.phase, verdict=volume.check.sentence()))
        if volume.hindrance is not None:
            session.say(volume.hindrance)
    session.say(
        Message(
            (
                "{contacts:,} contacts with {contacted:,} of {subscribers:,} subscribers; {alone:,} are left "
                "alone to measure the effect. Expected: {gained:,.1f} takers because of the contact, {profit} "
                "more than doing nothing."
            ),
            contacts=plan.contacts,
            contacted=plan.contacted,
            subscribers=plan.subscribers,
            alone=plan.universal + plan.held,
            gained=plan.gained,
            profit=amount(plan.profit),
        )
    )
    session.say(plan.measurable)
    for spoilt in plan.contaminated:
        session.say(spoilt, style="yellow")
    session.say(plan.explored)
    for against in (*plan.unproven, *plan.model):
        session.say(against, style="bold red")
    for text in _cautions(plan):
        session.say(text, style="yellow")


def _show_waves(session: Session, plan: Summary) -> None:
    """How far contacts are expected to come, and what that rests on."""
    if not plan.waves:
        return
    session.table(
        Message("Expected funnel of each wave, with 95 % intervals"),
        [Message("Phase"), Message("Channel"), Message("Attempts"), Message("Reached"), Message("Willing"),
         Message("To a hall"), Message("Ordered"), Message("Because of the contact"), Message("Activated"),
         Message("Agent-days")],
        [
            [one.phase or Message("All"), one.channel or "", one.attempts,
             *(_step(part) for part in (one.reached, one.willing, one.recalled, one.ordered)),
             Figure.of(one.caused, ",.1f"), _step(one.activated),
             "" if one.agent_days is None else Figure.of(one.agent_days, ",.1f")]
            for one in plan.waves
        ],
    )  # fmt: skip
    for said in wave_sources(plan.waves):
        session.say(said)


def _step(expected: Expected | None) -> Figure | str:
    """People expected to come so far; nothing where the channel has no such step."""
    if expected is None:
        return ""
    return Figure(expected.estimate, expected_words(expected))


def _people(count: Estimate) -> Figure:
    """An expected number of people with its interval."""
    return Figure(count, f"{count.value:,.0f} ({count.low:,.0f}–{count.high:,.0f})")


def _money(money: Money) -> Figure:
    return Figure(money, amount(money))


def _cautions(plan: Summary) -> list[Message]:
    found = []
    if plan.idle:
        found.append(
            Message("Nobody whom the campaign may contact may have: {offers}.", offers=list(plan.idle))
        )
    if plan.undated:
        found.append(
            Message(
                "{count:,} contacts have no day, and count neither as cost nor as profit.", count=plan.undated
            )
        )
        found += plan.undated_why
    if plan.without_score:
        found.append(
            Message(
                (
                    "{count:,} subscribers in the phases' audiences have no score of the model, such as those "
                    "who have the offer already, and are not in the plan."
                ),
                count=plan.without_score,
            )
        )
    return [*found, *plan.left_out]


def show_explanation(session: Session, found: Explanation) -> None:
    """Why a subscriber is in or out, and the options weighed."""
    session.say(
        Message("Subscriber {number}: {reason}", number=found.subscriber, reason=found.reason.label),
        style="bold",
    )
    if found.probability is not None:
        session.say(Message("Probability of taking the offer: {share}.", share=percent(found.probability)))
    for said in found.leaning:
        session.say(said)
    if found.undated is not None:
        session.say(
            Message("No day was found for the contact: {reason}.", reason=found.undated.label), style="yellow"
        )
    if found.brief_changed:
        session.say(
            Message(
                (
                    "The campaign file has changed since plan {plan} was made: options are weighed by the file "
                    "as it is now, at the prices of that plan."
                ),
                plan=found.plan[:SHOWN_DIGITS],
            ),
            style="yellow",
        )
    if found.options:
        session.table(
            Message("Options, the best first"),
            [Message("Offer"), Message("Channel"), Message("Phase"), Message("Expected profit"),
             Message("Worth elsewhere"), Message("Day")],
            [
                [o.offer, o.channel, o.phase, Figure.of(o.value, ",.2f"), Figure.of(o.price, ",.2f"),
                 (o.day or Message("chosen")) if o.chosen else ""]
                for o in found.options
            ],
        )  # fmt: skip


def show_redated(session: Session, found: Redated, channels: Sequence[Label]) -> None:
    """What became of the contacts; `channels`: names of the campaign's, in its order."""
    rows = [row for row in found.counts if row.change is not Change.NONE and row.contacts]
    if rows:
        session.table(
            Message("What changed, and why"),
            [Message("Channel"), Message("Reason"), Message("Contacts"), Message("Without a day now")],
            [[channels[row.channel], row.change.label, row.contacts, row.undated] for row in rows],
        )
    session.say(
        Message(
            (
                "Of {contacts:,} contacts {done:,} were made or are out, {withdrawn:,} fell away because the "
                "subscriber has ordered, {refused:,} because he does not consent any more, {moved:,} have another day, "
                "{undated:,} have none. The result is plan {plan}; the plan before it stays as it was. Put the "
                "new one before a second person."
            ),
            contacts=found.contacts,
            done=found.done,
            withdrawn=found.withdrawn,
            refused=found.refused,
            moved=found.moved,
            undated=found.undated,
            plan=found.plan.hash[:SHOWN_DIGITS],
        )
    )


def show_plans(session: Session, plans: Sequence[Plan]) -> None:
    """Plans that were made."""
    columns = (
        Message("Campaign"),
        Message("Plan"),
        Message("As of"),
        Message("Made at"),
        Message("From plan"),
        Message("State"),
        Message("Contacts"),
        Message("Expected profit"),
    )
    rows = [
        (
            plan.campaign,
            plan.hash[:SHOWN_DIGITS],
            plan.as_of,
            session.clock.local(plan.made_at),
            plan.parent and plan.parent[:SHOWN_DIGITS],
            PLAN_STATES.get(plan.state, plan.state),
            int(plan.content["contacts"]),
            Figure.of(plan.content["expected_profit"], ",.2f"),
        )
        for plan in plans
    ]
    session.table(Message("Plans"), columns, rows)
