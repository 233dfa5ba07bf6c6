"""The action plans that the pages show can be read, and stand as they say."""

import re
from datetime import date
from pathlib import Path

import pytest

from telewave.projects.action_file import parse_action_plan
from telewave.projects.action_plan import obstacles

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("page", ["docs/reference/campaigns.md", "docs/zh/reference/campaigns.md"])
def test_the_plan_on_the_page_is_one_that_can_be_launched(page):
    text = re.search(r"```yaml\n(plan:.*?)```", (ROOT / page).read_text(), re.DOTALL)[1]
    plan = parse_action_plan(text, page)
    assert len(plan.deliverables) == 2
    assert obstacles(plan, date(2026, 7, 1)) == ()
