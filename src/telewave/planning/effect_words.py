"""What a contact through a channel is taken to do, and what that rests on, in words. Pure."""

from __future__ import annotations

from telewave.briefs.model import ByPerson, ContactEffect, OrdersCaused, RestsOn
from telewave.kernel import Label, Message


def effect_words(what: Label | Message, effect: ContactEffect) -> Message:
    """What a contact through a channel does, or with an offer through it, and what that rests on."""
    if isinstance(effect, OrdersCaused):
        return Message(
            (
                "{channel}: of a hundred contacts of people like core {core:.2f} order because of it, like normal "
                "{normal:.2f}, like basic {basic:.2f}; between them in proportion to their chance. {rests_on}"
            ),
            channel=what,
            core=effect.core * 100,
            normal=effect.normal * 100,
            basic=effect.basic * 100,
            rests_on=_by_person(effect.by_person, effect.rests_on),
        )
    if effect.pilot is None:
        return Message(
            "{channel}: one contact multiplies the odds of taking by {ratio:.2f}. No pilot has measured this.",
            channel=what,
            ratio=effect.expected,
        )
    return Message(
        (
            "{channel}: one contact multiplies the odds of taking by {ratio:.2f}, from a pilot with "
            "{contacted:,} contacted and {held:,} held out, weighed against a belief of {belief:.2f}."
        ),
        channel=what,
        ratio=effect.expected,
        contacted=effect.pilot.contacted,
        held=effect.pilot.held_out,
        belief=effect.odds_ratio,
    )


def _rests_on(known: RestsOn | None) -> Message:
    """What stands behind orders that a contact is said to cause."""
    if known is None:
        return Message("The campaign says so; no records of your own have confirmed it.")
    if known.speaker is None:
        return Message("Believed until your own contacts say: telewave funnel learn.")
    learnt = Message(
        "Learnt from {contacts:,} contacts of your own ({speaker}; funnel {funnel}, version {version}).",
        contacts=known.contacts,
        speaker=known.speaker,
        funnel=known.funnel,
        version=known.version,
    )
    if known.lower:
        learnt = Message(
            "{learnt} Counted is the lower end of what they show: a plan chooses what looks best, and so meets the "
            "errors that flatter.",
            learnt=learnt,
        )
    if known.come == 1:
        return learnt
    return Message(
        "{learnt} All of them are of people who came; of those whom you ask to come, {come:.0%} are believed to, since "
        "no record says who did not. Record those who stay away as no_answer, and learn again.",
        learnt=learnt,
        come=known.come,
    )


def _by_person(apart: ByPerson | None, known: RestsOn | None) -> Message:
    """The same, and that persons are told apart where they are."""
    if apart is None:
        return _rests_on(known)
    return Message(
        "{rests_on} Each person counts by what is on record of him, one standard error below the middle: learnt from "
        "{willing:,} willing of {heard:,} who heard of an offer through it, and of other channels. Said of groups is "
        "the average.",
        rests_on=_rests_on(known),
        willing=apart.through.willing,
        heard=apart.through.records,
    )
