"""The Debian root of the window tests as a place to run programs in: its Python is CPython 3.13.

    python tools/debian_root.py PROGRAM…      run a program inside, in the same folder, with the same files

The repository, the home folder and /tmp are seen inside under their own names. They are mounted in a mount namespace
of the program's own: when it ends nothing is left mounted, however it ends.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON_VERSION = "3.13"


SUITE = "trixie"


def folder(suite: str = SUITE) -> Path:
    """The folder of a Debian root, whether it exists or not."""
    if given := os.environ.get("TRIPO_GUI_ROOT"):
        return Path(given).absolute()
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "tripo-generator" / suite


def window_suite() -> str:
    """The Debian whose Blender the window tests take: trixie has 4.3.2, sid (`GUI_SUITE=sid`) had 5.2.2."""
    return os.environ.get("GUI_SUITE") or SUITE


def can_enter() -> bool:
    """Whether it has been built, and we are who may enter it."""
    return (folder() / f"usr/bin/python{PYTHON_VERSION}").exists() and os.geteuid() == 0


def python_command(python: str) -> list[str]:
    """The command that runs a Python inside, to which its arguments are appended."""
    return [sys.executable, "-B", str(Path(__file__).resolve()), python]


def main() -> None:
    """Replace this process by the program inside the root."""
    root = folder()
    seen = {ROOT, Path(os.environ.get("TMPDIR") or "/tmp").resolve(), Path("/tmp"), Path("/dev"), Path("/dev/shm")}
    mounts = [f"mount -t proc proc {shlex.quote(str(root / 'proc'))}"]
    for path in sorted(seen):
        inside = root / path.relative_to("/")
        inside.mkdir(parents=True, exist_ok=True)
        mounts.append(f"mount --rbind {shlex.quote(str(path))} {shlex.quote(str(inside))}")
    enter = ["exec", "chroot", str(root), "env", f"--chdir={os.getcwd()}", *sys.argv[1:]]
    script = " && ".join([*mounts, shlex.join(enter)])
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", "sh", "-c", script])


if __name__ == "__main__":
    main()
