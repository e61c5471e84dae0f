"""Validate the extension, and build its ZIP, with Blender's own `blender_ext.py` out of a bpy wheel.

python tools/package.py validate                               with the tools of every release that is installed
python tools/package.py build dist/tripo_generator-0.1.0.zip
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import environments
import rooms

ROOT = Path(__file__).resolve().parent.parent

SHIPPED = {*rooms.FILES, *rooms.ROOMS}
"""All that may stand at the top of the ZIP: a stray file in the working tree must not be published."""


def blender_ext(bpy: environments.Bpy) -> Path:
    """Blender's extension tool inside the bpy wheel of one environment."""
    found = list(bpy.folder.glob("lib/python3*/site-packages/bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"))
    if len(found) != 1:
        raise SystemExit(f"{bpy.folder}: no blender_ext.py, is bpy installed there?")
    return found[0]


def run(tool: Path, *arguments: str) -> None:
    """Run the tool; its output is shown only when it fails."""
    done = subprocess.run([sys.executable, "-B", str(tool), *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{tool.name} {' '.join(arguments)}\n{done.stdout}{done.stderr}".rstrip())


def validate(releases: list[environments.Bpy], source: Path = ROOT) -> None:
    """Have each release check the manifest of a folder or of a ZIP; SystemExit with what it says."""
    for bpy in releases:
        tool = blender_ext(bpy)
        run(tool, "validate", str(source))
        print(f"{source.name}: valid for Blender {tool.parents[4].name}")


def surplus(names: list[str]) -> list[str]:
    """The members of a ZIP that have no business there: not in SHIPPED, byte code, or hidden."""

    def wrong(name: str) -> bool:
        parts = name.rstrip("/").split("/")
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        return parts[0] not in SHIPPED or hidden or name.endswith((".pyc", ".pyo"))

    return sorted(name for name in names if wrong(name))


def build(bpy: environments.Bpy, target: Path) -> None:
    """Build to a temporary name and rename: a test never sees half a ZIP."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part.zip")
    partial.unlink(missing_ok=True)
    try:
        run(blender_ext(bpy), "build", "--source-dir", str(ROOT), "--output-filepath", str(partial))
        with zipfile.ZipFile(partial) as archive:
            names = archive.namelist()
        if wrong := surplus(names):
            raise SystemExit(f"not meant to be shipped: {', '.join(wrong)} (see tools/package.py)")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    validate([bpy], target)
    print(f"{target}: {len(names)} files, {target.stat().st_size / 1024:.0f} kB")


def main() -> None:
    match sys.argv[1:]:
        case ["validate"]:
            validate(environments.available())
        case ["build", target]:
            build(environments.available()[0], Path(target))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
