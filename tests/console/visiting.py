"""A console with a campaign of calls in it, and people who visit it. Fixtures and steps that the tests of the console share."""

import re
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient
from tests.contacts.test_handing_out import FIRST, keys, warehouse
from tests.outbound.calling import CHANNELS, TEN, Campaign, call

from telewave.access.roles import Role
from telewave.access.usecases import add_person
from telewave.approvals.usecases import PlanFile, submit
from telewave.campaign_group import plan_kinds
from telewave.console.app import console
from telewave.console.visit import Workplace
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.platform.clock import Clock
from telewave.platform.home import Home
from telewave.platform.settings import load_settings

__all__ = ["keys", "town", "warehouse"]
PASSWORD = "four words that differ"  # noqa: S105 - of tests
NAMES = {
    Role.MANAGER: "Li Na",
    Role.ANALYST: "Chen Jie",
    Role.LEAD: "Zhao Min",
    Role.AGENT: "Sun Yu",
    Role.EXECUTIVE: "Wang Wei",
    Role.ADMINISTRATOR: "Zhou Qi",
}
FIGURES = {
    "title": {"en": "Spring handsets", "zh": "春季合约机"}, "currency": "CNY", "subscribers": 12,
    "control": {"universal": 0, "campaign": 1}, "expected_takers": 2.4, "caused_by_the_contact": 1.2, "cost_minor": 510,
    "expected_profit": 88.5,
    "limits": [{"limit": {"en": "Agents, phase 1", "zh": "坐席，一期"}, "amount": 4, "used": 4.0, "price": 1.25}],
    "waves": [{"phase": "phase-1", "channel": "call", "attempts": 4, "reached": [2.0, 1.5, 2.5], "willing": [1.0, 0.5, 1.5], "ordered": None, "caused": 1.2}],
    "effects": {}, "model": None, "verdict": None,
}  # fmt: skip
SENT_BY_US = {"sec-fetch-site": "same-origin"}


class Town:
    """A workplace and its application at a time that a test moves; `at`: now."""

    def __init__(self, warehouse, database, folder, simulated=False):
        self.at = TEN
        self.database, self.campaign = database, Campaign(warehouse, database)
        settings = load_settings({"TELEWAVE_HOME": str(folder), "TELEWAVE_TIMEZONE": "UTC"})
        folder.mkdir(exist_ok=True)
        self.home = Home(
            warehouse=warehouse, database=database, models=settings.models, keys=settings.keys,
            clock=Clock("UTC", lambda: self.at), settings=settings,
        )  # fmt: skip
        self.workplace = Workplace(
            home=self.home, kinds=plan_kinds(), simulated=simulated, now=lambda: self.at
        )
        self.app = console(self.workplace)

    def running(self, numbers=(0, 1, 2, 3), name="spring"):
        """A campaign of calls that runs, its first day let go."""
        self.campaign.plan([call(number) for number in numbers], name, figures=FIGURES)
        self.campaign.release(name)

    def in_review(self, by="Li Na", name="summer"):
        """A plan that waits for a second person."""
        from tests.contacts.test_handing_out import kept

        made = kept(
            self.campaign.warehouse,
            self.database,
            [call(5)],
            campaign=name,
            channels=CHANNELS,
            figures=FIGURES,
        )
        submit(self.database, name, by, TEN, PlanFile("plan.json", made.document, ContactPlanKind.name))
        return made

    def browser(self, language="en", **more):
        """A browser in which nobody is signed in."""
        return TestClient(
            self.app,
            follow_redirects=True,
            headers={"accept-language": language} | SENT_BY_US | more,
            raise_server_exceptions=False,
        )

    def visitor(self, *roles, name=None, language="en"):
        """A browser of somebody with these roles, signed in with a password of his own."""
        name = name or NAMES[roles[0]]
        once = add_person(self.database, name, roles, "test", self.at)
        visitor = self.browser(language)
        signed_in(visitor, name, once)
        answer = visitor.post("/password", data={"old": once, "new": PASSWORD, "again": PASSWORD})
        assert answer.url.path == "/", text(answer)
        return visitor


def signed_in(visitor, name, password):
    return visitor.post("/sign-in", data={"name": name, "password": password})


def text(answer):
    """What a person reads."""
    body = re.sub(r"<(script|style).*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


@pytest.fixture
def town(warehouse, database, keys, tmp_path):
    return Town(warehouse, database, tmp_path / "home")


NOW = datetime(2026, 7, 8, 10, tzinfo=UTC)
assert (TEN, TEN.date()) == (NOW, FIRST)
