"""Install what Telewave needs into .venv: uv from PyPI, then exactly the locked versions, then the package itself.

    python3 scripts/setup.py            what `make demo` needs
    python3 scripts/setup.py --dev      also what `make test` needs

Uses only the standard library. It honours pip's settings (index, extra index, find-links, certificate, timeout, from
the environment or pip's configuration file) and the system's certificates, and does nothing when the locked
versions are already there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
# pip's setting -> the variable uv reads
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "timeout": "UV_HTTP_TIMEOUT",
    "cert": "SSL_CERT_FILE",
}

QUIET_PIP = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
"""No advice about pip itself: the environment is ours, and pip is used once."""


def main(arguments: list[str]) -> None:
    """Install; on trouble print one sentence that says what to do, and end with 1."""
    dev = "--dev" in arguments
    if sys.version_info < OLDEST:
        stop(
            f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}. "
            "Install it (Debian: apt install python3 python3-venv) or name one: make PYTHON=python3.12 demo"
        )
    lock = ROOT / "requirements" / ("dev.lock" if dev else "runtime.lock")
    if not PYTHON.exists():
        make_environment()
    if up_to_date(lock, dev):
        return
    environment = os.environ | uv_settings()
    uv = find_uv()
    say(f"Installing the locked packages of requirements/{lock.name} (once; a minute or two) ...")
    install = [*uv, "pip", "install", "-q", "--python", str(PYTHON)]
    run([*install, "--require-hashes", "-r", str(lock)], environment)
    run([*install, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], environment)
    stamp(dev).write_text(digest(lock))


def make_environment() -> None:
    """Create .venv; without pip inside where the system lacks ensurepip, since uv can install into it all the same."""
    say("Creating the virtual environment .venv ...")
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, OSError):
        shutil.rmtree(VENV, ignore_errors=True)
        stop(
            "Python's venv module is incomplete. Debian, Ubuntu: apt install python3-venv; then run this again."
        )


def find_uv() -> list[str]:
    """The uv on the path, or one installed from PyPI into .venv by pip with a locked hash."""
    if found := shutil.which("uv"):
        return [found]
    inside = VENV / "bin" / "uv"
    if not inside.exists():
        say("Installing uv from PyPI ...")
        lock = ROOT / "requirements" / "uv.lock"
        run(
            [str(PYTHON), "-m", "pip", "install", "-qq", "--require-hashes", "-r", str(lock)],
            os.environ | QUIET_PIP,
        )
    return [str(inside)]


def uv_settings() -> dict[str, str]:
    """Pip's settings in the words of uv; what is set for uv itself wins. The system's certificates are trusted."""
    # Like pip, look for a locked version in every index that is set, not only in the first that knows the name:
    # the locked hashes, not the order of the indexes, say what may be installed.
    found = {"UV_SYSTEM_CERTS": "true", "UV_INDEX_STRATEGY": "unsafe-best-match"}
    found = {name: value for name, value in found.items() if name not in os.environ}
    for pip_name, uv_name in PIP_TO_UV.items():
        value = os.environ.get("PIP_" + pip_name.upper().replace("-", "_")) or pip_configuration(pip_name)
        if value and uv_name not in os.environ:
            found[uv_name] = value.replace("\n", " ").strip()
    return found


def pip_configuration(name: str) -> str:
    """The value of one of pip's settings in its configuration files, or an empty string."""
    for section in ("install", "global"):
        command = [str(PYTHON), "-m", "pip", "config", "get", f"{section}.{name}"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            return answer.stdout.strip()
    return ""


def up_to_date(lock: Path, dev: bool) -> bool:
    """Whether this lock (or the development lock, which contains the other) is what is installed."""
    if stamp(True).exists() and not dev:
        return stamp(True).read_text() == digest(ROOT / "requirements" / "dev.lock")
    return stamp(dev).exists() and stamp(dev).read_text() == digest(lock)


def stamp(dev: bool) -> Path:
    """The file that remembers what was installed."""
    return VENV / (".installed-dev" if dev else ".installed-runtime")


def digest(lock: Path) -> str:
    """What the installation depends on: the lock and the package's own metadata."""
    content = lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(content).hexdigest()


def run(command: list[str], environment: dict[str, str]) -> None:
    """Run, and stop with a sentence when it fails."""
    if subprocess.run(command, env=environment, check=False).returncode:
        stop(
            "The installation stopped; the lines above say why. Without a way to PyPI set PIP_INDEX_URL to your mirror "
            "(and PIP_CERT to its certificate), then run this again."
        )


def say(text: str) -> None:
    """One line to the person who waits."""
    print(text, flush=True)


def stop(text: str) -> None:
    """End with a sentence."""
    print(text, file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
