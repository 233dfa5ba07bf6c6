"""The picture at the top of README: the report on the worked example, in both languages, as a browser shows it.

    python scripts/readme_picture.py EXAMPLE

EXAMPLE is a folder that `telewave init` wrote and in which README's commands were run up to `telewave plan groups`. Writes docs/pictures/groups.<language>.png.
"""

import io
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = "/usr/bin/chromium"
TITLES = {"en": "the contract smartphone", "zh": "合约智能手机"}
WIDTH, BELOW = 1000, 16
END_OF_GROUPS = "document.querySelector('main table').getBoundingClientRect().bottom + window.scrollY"
COLOURS = 48


def main(example: Path) -> None:
    """Write both pictures."""
    with TemporaryDirectory() as folder, sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for language in TITLES:
            report = Path(folder) / f"report.{language}.html"
            write_report(example, report, language)
            page = browser.new_page(viewport={"width": WIDTH, "height": 900})
            page.goto(report.as_uri())
            height = page.evaluate(END_OF_GROUPS) + BELOW
            target = ROOT / "docs" / "pictures" / f"groups.{language}.png"
            target.parent.mkdir(exist_ok=True)
            clip = {"x": 0, "y": 0, "width": WIDTH, "height": height}
            shot = Image.open(io.BytesIO(page.screenshot(full_page=True, clip=clip)))
            shot.quantize(COLOURS).save(target, optimize=True)
        browser.close()


def write_report(example: Path, to: Path, language: str) -> None:
    """The report on the example's groups in one language."""
    command = [
        str(Path(sys.executable).parent / "telewave"),
        "--lang",
        language,
        "report",
        "--model",
        "phone",
    ]
    options = ["--as-of", "2026-07-01", "--offer-title", TITLES[language], "--simulated", "--out", str(to)]
    subprocess.run([*command, *options], cwd=example, env=os.environ, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
