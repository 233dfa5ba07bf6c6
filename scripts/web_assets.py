"""Install the chart library of the reports into web/node_modules, at exactly the locked versions.

    python3 scripts/web_assets.py          what pages draw their charts with
    python3 scripts/web_assets.py --dev    also what judges pages in tests

Uses the npm on the path; where there is none, Node.js from PyPI (requirements/node.lock, hashes checked) is installed into .venv.
npm reads its own settings (registry, proxy, certificate: environment or .npmrc). Nothing is done when this lock's
versions are already there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from setup import PYTHON, ROOT, VENV, find_uv, make_environment, say, uv_settings

WEB = ROOT / "web"
STAMP = WEB / "node_modules" / ".installed"
LIBRARY = WEB / "node_modules" / "echarts" / "dist" / "echarts.min.js"
NODE_LOCK = ROOT / "requirements" / "node.lock"
OLDEST_NODE = 18
DEV = " and what judges pages"
"""Added to the stamp where that was installed too."""


def main(arguments: list[str]) -> None:
    """Install; on trouble print one sentence that says what to do, and end with 1."""
    dev = "--dev" in arguments
    if up_to_date(dev):
        return
    npm = find_npm()
    say("Installing the chart library of the reports (once) ...")
    # Errors go to the other stream; what npm says when all went well is about npm.
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    command = [*npm, "ci", *quiet, *([] if dev else ["--omit=dev"])]
    if subprocess.run(command, cwd=WEB, env=environment(), stdout=subprocess.DEVNULL, check=False).returncode:
        stop(
            "The chart library could not be installed; the lines above say why. Without a way to registry.npmjs.org name your "
            "mirror: npm config set registry <address> (and cafile for its certificate), then run this again."
        )
    if not LIBRARY.exists():
        stop(f"npm ended well, but {LIBRARY} is not there. Remove {WEB / 'node_modules'} and run this again.")
    STAMP.write_text(digest() + DEV * dev)


def up_to_date(dev: bool) -> bool:
    """Whether this lock's versions are installed; what judges pages may be there unasked."""
    if not (LIBRARY.exists() and STAMP.exists()):
        return False
    return STAMP.read_text() in ([digest() + DEV] if dev else [digest(), digest() + DEV])


def digest() -> str:
    """What the installation depends on: the package file and its lock."""
    content = b"".join((WEB / name).read_bytes() for name in ("package.json", "package-lock.json"))
    return hashlib.sha256(content).hexdigest()


def find_npm() -> list[str]:
    """The npm on the path if its Node.js is new enough, else the one in .venv, installed from PyPI when it is not there."""
    if (found := shutil.which("npm")) and new_enough(shutil.which("node")):
        return [found]
    inside = VENV / "bin" / "npm"
    if not inside.exists():
        install_node()
    return [str(inside)]


def new_enough(node: str | None) -> bool:
    """Whether this Node.js runs and is of a version that npm's lock format needs."""
    if node is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = answer.strip().removeprefix("v").split(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def install_node() -> None:
    """Node.js from PyPI into .venv, hashes checked."""
    if not PYTHON.exists():
        make_environment()
    say("There is no Node.js on this machine: installing it from PyPI into .venv (once) ...")
    settings = os.environ | uv_settings()
    command = [
        *find_uv(),
        "pip",
        "install",
        "-q",
        "--python",
        str(PYTHON),
        "--require-hashes",
        "-r",
        str(NODE_LOCK),
    ]
    if subprocess.run(command, env=settings, check=False).returncode:
        stop(
            "Node.js could not be installed from PyPI; the lines above say why. Set PIP_INDEX_URL to your mirror, or install "
            "Node.js 18 or newer yourself (Debian, Ubuntu: apt install nodejs npm), then run this again."
        )


def environment() -> dict[str, str]:
    """The process's environment, with .venv's Node.js within reach and pip's certificate trusted unless npm has its own."""
    found = dict(os.environ)
    found["PATH"] = os.pathsep.join([found.get("PATH", os.defpath), str(VENV / "bin")])
    if found.get("PIP_CERT") and Path(found["PIP_CERT"]).is_file():
        found.setdefault("NODE_EXTRA_CA_CERTS", found["PIP_CERT"])
    return found


def stop(text: str) -> None:
    """End with a sentence."""
    print(text, file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
