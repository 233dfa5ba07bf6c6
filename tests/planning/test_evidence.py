"""A plan behind which no record stands says so, and what a pilot would look like; one that rests on records does not."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from telewave.briefs.campaign_file import load_campaign
from telewave.briefs.model import BELIEVED, Effect, OrdersCaused, RestsOn
from telewave.briefs.pilot import Pilot
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.kernel import Label
from telewave.planning.document import KIND
from telewave.planning.evidence import NO_RECORD, contacts_behind, proven_read, records_behind, unproven

REFERENCE = load_campaign(Path("reference"))
LEARNT = RestsOn(funnel="f", version=1, contacts=120, speaker=Label("adjusted", "校正比较"))


def plan_through(rests_on, contacts=3):
    """A plan with contacts through the campaign's first channel, the others unused."""
    effect = OrdersCaused(core=0.01, normal=0.005, basic=0.001, rests_on=rests_on)
    first, *others = REFERENCE.channels
    proven = [replace(one, effect=replace(effect, rests_on=LEARNT)) for one in others]
    brief = replace(REFERENCE, channels=(replace(first, effect=effect), *proven))
    options = SimpleNamespace(channel_codes=np.array([0, 1]))
    return SimpleNamespace(campaign=brief, options=options, option=np.zeros(contacts, int))


def test_a_plan_whose_channels_rest_on_beliefs_or_on_the_file_alone_says_so_and_names_the_pilot():
    for rests_on in (BELIEVED, None):
        first, how = unproven(plan_through(rests_on))
        assert first == NO_RECORD
        assert "telewave funnel learn --campaign PILOT" in how.template
        assert how.values["model"] == REFERENCE.model


def test_a_plan_with_records_behind_a_channel_it_uses_and_one_without_contacts_say_nothing():
    assert unproven(plan_through(LEARNT)) == ()
    assert contacts_behind(plan_through(LEARNT)) == 120
    assert unproven(plan_through(BELIEVED, contacts=0)) == ()


def test_a_pilot_counts_as_records():

    assert records_behind(Effect(1.5, 100.0)) == 0
    assert records_behind(Effect(1.5, 100.0, Pilot(500, 14, 400, 11))) == 900


def test_who_approves_such_a_plan_is_told_too():
    def said(**more):
        content = json.dumps({"kind": KIND, "contacts": 5, **more}).encode()
        return ContactPlanKind().obstacles(None, "c", content, None, launched=False)

    assert said(contacts_behind=0) == (NO_RECORD,)
    assert said(contacts_behind=7) == ()
    assert said() == ()  # made before plans said so
    assert proven_read({"contacts": 0, "contacts_behind": 0})
