"""The reference pages that are made from the code are what the code says today."""

import pickle
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from telewave.platform.documentation import all_errors

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_reference_pages_are_what_the_code_says():
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "write_docs.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]), ids=lambda p: p.name
)
def test_every_link_between_pages_leads_somewhere(page):
    broken = [
        target
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not broken


def test_every_page_for_users_exists_in_both_languages():
    """The glossary is one page in both."""
    folders = (ROOT / "docs", ROOT / "docs/reference", ROOT / "docs/tutorial")
    english = {p.name for folder in folders for p in folder.glob("*.md")} - {"glossary.md"}
    chinese = {p.name for p in (ROOT / "docs/zh").rglob("*.md")}
    assert english == chinese


def test_every_error_declares_its_code_so_that_a_new_name_keeps_it():
    assert not [error.__name__ for error in all_errors() if "code" not in vars(error)]


@pytest.mark.parametrize("error", all_errors(), ids=lambda error: error.__name__)
def test_an_error_crosses_from_one_process_to_another(error):
    raised = error(**dict.fromkeys(re.findall(r"{(\w+)", error.template()), 1))
    again = pickle.loads(pickle.dumps(raised))  # noqa: S301 - our own
    assert (type(again), str(again)) == (error, str(raised))


def test_no_two_errors_share_a_code():
    codes = Counter(error.code for error in all_errors())
    assert not [code for code, errors in codes.items() if errors > 1]


def test_every_module_says_what_it_is():
    silent = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "src").rglob("*.py")
        if "versions" not in path.parts and not path.read_text().startswith(('"""', "#!/"))
    ]
    assert not silent
