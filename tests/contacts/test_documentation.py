"""The contact policy that the pages show can be read, and says what the text beside it says."""

import re
from pathlib import Path

import pytest

from telewave.contacts.ledger import Disposition
from telewave.contacts.policy import Cap
from telewave.contacts.policy_file import load_policy

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("page", ["docs/reference/campaigns.md", "docs/zh/reference/campaigns.md"])
def test_the_policy_on_the_page_is_one_that_can_be_set(page, tmp_path):
    file = tmp_path / "policy.yaml"
    file.write_text(re.search(r"```yaml\n(caps:.*?)```", (ROOT / page).read_text(), re.DOTALL)[1])
    policy = load_policy(file)
    assert policy.caps == (Cap(2, 7),)
    assert policy.pauses == {Disposition.REFUSED: 30}
    assert policy.quiet[0].covers(23 * 60)
    assert not policy.quiet[0].covers(12 * 60)
