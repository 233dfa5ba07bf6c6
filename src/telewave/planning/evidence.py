"""Whether any record stands behind what a plan expects of its contacts; if none does, what a pilot would look like.
Pure.

A plan chooses what looks best, so that it meets the beliefs that flatter: in simulated cities plans made on beliefs
alone mostly lost money by the hidden truth, whatever they expected (ADR 46).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from telewave.briefs.model import Brief, ContactEffect, OrdersCaused
from telewave.kernel import Message
from telewave.planning.proposal import Proposal

NO_RECORD = Message(
    "No record stands behind this plan: what its contacts do is believed or stated, not learnt. In simulated cities "
    "plans made on beliefs alone mostly lost money, whatever they expected. Let a pilot come first."
)
"""What a reader must know before anything else of such a plan."""


def records_behind(effect: ContactEffect) -> int:
    """Contacts on record, or of a pilot, behind an effect; 0: it is a belief or stated."""
    if isinstance(effect, OrdersCaused):
        known = effect.rests_on
        return 0 if known is None or known.speaker is None else known.contacts
    return 0 if effect.pilot is None else effect.pilot.contacted + effect.pilot.held_out


def contacts_behind(made: Proposal) -> int:
    """Contacts on record behind the effects of all channels that the plan uses."""
    used = np.unique(made.options.channel_codes[made.option])
    return sum(records_behind(made.campaign.channels[c].effect) for c in used.tolist())


def unproven(made: Proposal) -> tuple[Message, ...]:
    """That no record stands behind a plan with contacts, and the pilot to make instead; nothing where some do."""
    if not len(made.option) or contacts_behind(made):
        return ()
    return (NO_RECORD, pilot(made.campaign))


def pilot(brief: Brief) -> Message:
    """How to find out on few people what the campaign would do to many."""
    return Message(
        "A pilot: copy the campaign file, give it an id of its own, days before this campaign's, `holdout: {half}` and "
        "a twentieth of the capacities, plan and launch it. When its results are on record: telewave funnel learn "
        "--campaign PILOT --since FIRST-DAY --as-of DAY --model {model} --name {name}. Then write `funnel: {name}` "
        "into this file and plan again.",
        half="{campaign: 50 %, explored: 10 %}",
        model=brief.model,
        name=brief.funnel or brief.id,
    )


def proven_read(content: Mapping[str, Any]) -> bool:
    """Whether records stand behind the plan of a document; of one that does not say so it is taken for granted."""
    return bool(content.get("contacts_behind", 1)) or not content.get("contacts")
