"""Make a virtual environment hold exactly one dependency group of pyproject.toml.

    python3.11 tools/venv.py .venv dev

Nothing happens when the environment already holds that list. Needs Python 3.11 and a pip (22.3 or newer)
for it, or the `ensurepip` module: Debian splits the latter off into `python3.11-venv`.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def requirements(groups: dict[str, Any], name: str) -> list[str]:
    """The requirement lines of a group (PEP 735), included groups first come first served.

    Raises KeyError for an unknown group, ValueError for a line that is not pinned with `==`.
    """
    lines: list[str] = []
    for entry in groups[name]:
        if isinstance(entry, dict):
            lines += requirements(groups, entry["include-group"])
        elif "==" in entry:
            lines.append(entry)
        else:
            raise ValueError(f"{name}: {entry!r} has no exact version")
    return lines


def pip_command(python: Path) -> list[str]:
    """How to run pip for the environment of `python`; SystemExit with the cure when there is none."""
    own = [str(python), "-m", "pip"]
    outer = [sys.executable, "-m", "pip", "--python", str(python)]
    for command in (own, outer):
        if subprocess.run([*command, "--version"], capture_output=True).returncode == 0:
            return command
    if subprocess.run([str(python), "-m", "ensurepip", "--default-pip"], capture_output=True).returncode == 0:
        return own
    raise SystemExit("no pip (22.3 or newer) for this Python: on Debian run `apt-get install python3-pip`")


def works(python: Path) -> bool:
    """Whether the interpreter starts: one left from a removed Python does not."""
    try:
        return subprocess.run([str(python), "-c", "import encodings"], capture_output=True).returncode == 0
    except OSError:
        return False


def make(folder: Path, wanted: str, constraints: str) -> None:
    """Create or bring up to date; `installed.txt` is written last, so an interrupted run is done again."""
    python = folder / "bin" / "python"
    stamp = folder / "installed.txt"
    if stamp.is_file() and stamp.read_text() == wanted + constraints and works(python):
        return
    stamp.unlink(missing_ok=True)
    if not works(python):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    print(f"installing {' '.join(wanted.split())} into {folder}", flush=True)
    wanted_file, constraints_file = folder / "wanted.txt", folder / "constraints.txt"
    wanted_file.write_text(wanted)
    constraints_file.write_text(constraints)
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--root-user-action=ignore"]
    files = ["-r", str(wanted_file), "-c", str(constraints_file)]
    subprocess.run([*pip_command(python), "install", *options, *files], check=True)
    stamp.write_text(wanted + constraints)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("group")
    arguments = parser.parse_args()
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    wanted = "".join(f"{line}\n" for line in requirements(groups, arguments.group))
    constraints = "".join(f"{line}\n" for line in requirements(groups, "indirect"))
    # Resolved without following links: pip must see the environment, not the Python it was made from.
    make(arguments.folder.absolute(), wanted, constraints)


if __name__ == "__main__":
    if sys.version_info[:2] != (3, 11):
        raise SystemExit(f"the bpy wheels need Python 3.11, this is {sys.version.split()[0]}")
    main()
