"""Make the Python environments of this project, as many as this machine has Pythons for.

    python3 tools/environments.py              make all, or bring them up to date
    python3 tools/environments.py python       print the program that runs Blender's newest module here

`.venv` holds the development tools, for CPython 3.11 or else 3.13. Each `bpy` wheel needs one certain CPython and gets
`build/venv-bpy-<version>` with a launcher `build/bpy-<version>`: that is what runs it, wherever its Python is. A Python
may be the system's (`python3.11`, `python3.13`, or the programs that PYTHON311 and PYTHON313 name); CPython 3.13 may
also be the one in the Debian root of the window tests (see `debian_root.py`), once that has been built.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import debian_root

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT / ".venv"
DEV_PYTHONS = ("3.11", "3.13")


@dataclass(frozen=True)
class Bpy:
    """One release of Blender as a Python module. `release` is Blender's, `python` the CPython that it is made for."""

    release: str
    python: str

    @property
    def group(self) -> str:
        """Its dependency group in pyproject.toml."""
        return f"bpy-{self.release}"

    @property
    def folder(self) -> Path:
        """Its environment."""
        return ROOT / "build" / f"venv-bpy-{self.release}"

    @property
    def launcher(self) -> Path:
        """The program that runs its Python; there only when the environment is complete."""
        return ROOT / "build" / f"bpy-{self.release}"


BPY = (Bpy("5.2", "3.13"), Bpy("5.0", "3.11"), Bpy("4.2", "3.11"))
"""Newest first."""


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


def lists(*names: str) -> tuple[str, str]:
    """What an environment holds, and the constraints for what comes along, as the texts of two files for pip.

    What a group names itself it may have in another version than the constraints.
    """
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    wanted = [line for name in names for line in requirements(groups, name)]
    named = {line.split("==")[0] for line in wanted}
    constraints = [line for line in requirements(groups, "indirect") if line.split("==")[0] not in named]
    return "".join(f"{line}\n" for line in wanted), "".join(f"{line}\n" for line in constraints)


def works(python: Path | str, version: str = "") -> bool:
    """Whether an interpreter starts (a pyenv shim may be there without its Python), and is of a version."""
    check = "import encodings, sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([str(python), "-c", check], capture_output=True, text=True)
    except OSError:
        return False
    return done.returncode == 0 and version in ("", done.stdout.strip())


def find_python(version: str) -> str:
    """The system's interpreter of a version; empty when there is none."""
    given = os.environ.get(f"PYTHON{version.replace('.', '')}", "")
    candidates = (given, f"python{version}", f"/usr/bin/python{version}", "python3", sys.executable)
    return next((name for name in candidates if name and works(name, version)), "")


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


def install(folder: Path, base: str, *groups: str) -> bool:
    """Create an environment or bring it up to date, with the Python `base`, or with the Debian root's when that is
    empty; whether anything was to do. `installed.txt` is written last, so an interrupted run is done again.
    """
    wanted, constraints = lists(*groups)
    python, stamp = folder / "bin" / "python", folder / "installed.txt"
    inside = debian_root.python_command(str(python)) if not base else [str(python)]
    complete = stamp.is_file() and stamp.read_text() == wanted + constraints
    if complete and subprocess.run([*inside, "-c", "import encodings"], capture_output=True).returncode == 0:
        return False
    shutil.rmtree(folder, ignore_errors=True)
    print(f"installing {' '.join(wanted.split())} into {folder.relative_to(ROOT)}", flush=True)
    maker = [base] if base else debian_root.python_command("/usr/bin/python3")
    subprocess.run([*maker, "-m", "venv", "--without-pip", str(folder)], check=True)
    files = []
    for option, name, text in (("-r", "wanted.txt", wanted), ("-c", "constraints.txt", constraints)):
        (folder / name).write_text(text)
        files += [option, str(folder / name)]
    pip = pip_command(python) if base else [sys.executable, "-m", "pip"]
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--root-user-action=ignore"]
    subprocess.run([*pip, "install", *options, *([] if base else _into_root(folder)), *files], check=True)
    stamp.write_text(wanted + constraints)
    return True


def _into_root(folder: Path) -> list[str]:
    """Options that let the system's pip unpack wheels for the Python in the Debian root, which has no pip."""
    (packages,) = folder.glob("lib/python3.*/site-packages")
    machine = platform.machine()
    platforms = [f"--platform=manylinux_{glibc}_{machine}" for glibc in ("2_28", "2_27", "2_24", "2_17")]
    legacy = [f"--platform=manylinux2014_{machine}", f"--platform=linux_{machine}"]
    version = debian_root.PYTHON_VERSION
    return [
        f"--target={packages}",
        f"--python-version={version}",
        "--implementation=cp",
        f"--abi=cp{version.replace('.', '')}",
        "--abi=abi3",
        "--abi=none",
        "--only-binary=:all:",
        "--no-compile",
        "--ignore-requires-python",  # it would look at the pip that unpacks
        *platforms,
        *legacy,
    ]


def make_bpy(bpy: Bpy) -> str:
    """Make one environment of a `bpy` wheel; return why it cannot be had here, or nothing."""
    base = find_python(bpy.python)
    in_root = not base and bpy.python == debian_root.PYTHON_VERSION and debian_root.can_enter()
    if not base and not in_root:
        bpy.launcher.unlink(missing_ok=True)
        return f"no CPython {bpy.python}"
    python = str(bpy.folder / "bin" / "python")
    command = [python] if base else debian_root.python_command(python)
    if install(bpy.folder, base, bpy.group) or not bpy.launcher.exists():
        subprocess.run([*command, "-B", str(ROOT / "tools" / "bpy_libs.py")], check=True)
        if not base:  # where its Python works, pip does this: every process would compile all it imports
            subprocess.run([*command, "-m", "compileall", "-qq", "-j0", str(bpy.folder / "lib")], check=False)
    words = " ".join(f"'{word}'" for word in command)
    text = f'#!/bin/sh\nexec {words} "$@"\n'
    if not bpy.launcher.exists() or bpy.launcher.read_text() != text:
        bpy.launcher.write_text(text)
        bpy.launcher.chmod(0o755)
    return ""


def available() -> list[Bpy]:
    """The releases that can be run here, newest first."""
    return [bpy for bpy in BPY if bpy.launcher.exists()]


def make_all() -> None:
    """Make everything that this machine has Pythons for; SystemExit when that is not enough to run any test."""
    version = next(filter(find_python, DEV_PYTHONS), "")
    if not version:
        raise SystemExit("CPython 3.11 or 3.13 is needed: install one, or name one by PYTHON311 or PYTHON313")
    install(DEV, find_python(version), "dev", f"numpy-{version}")
    for bpy in BPY:
        if missing := make_bpy(bpy):
            print(f"left out: Blender {bpy.release} ({missing})", flush=True)
    if not available():
        raise SystemExit("no Blender module can be installed here")


def main() -> None:
    """Do what the command line says."""
    match sys.argv[1:]:
        case []:
            make_all()
        case ["python"]:
            print(available()[0].launcher)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
