"""Mount /proc in a Debian root for as long as anyone uses it."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def mounted_proc(root: Path) -> Generator[None]:
    """Have /proc in the root as long as anyone uses it; the last one out unmounts it, unless it was there
    before.

    One at a time goes in or out; those inside share a lock, so that the last one out gets it alone.
    """
    proc, ours = root / "proc", root.with_name(root.name + ".mounted")
    with root.with_name(root.name + ".lock").open("w") as inside:
        with _door(root):
            fcntl.flock(inside, fcntl.LOCK_SH)
            if not os.path.ismount(proc):
                subprocess.run(["mount", "-t", "proc", "proc", str(proc)], check=True)
                ours.touch()
        try:
            yield
        finally:
            with _door(root):
                fcntl.flock(inside, fcntl.LOCK_UN)
                if ours.exists() and _is_empty(inside):
                    subprocess.run(["umount", "--lazy", str(proc)], check=True)
                    ours.unlink()


@contextmanager
def _door(root: Path) -> Generator[None]:
    with root.with_name(root.name + ".door").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


def _is_empty(inside: IO[str]) -> bool:
    """Whether nobody shares the lock; it is held alone from then on, until the file is closed."""
    try:
        fcntl.flock(inside, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
