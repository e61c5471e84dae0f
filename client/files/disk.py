# SPDX-License-Identifier: GPL-3.0-or-later
"""Rename, move, remove and sync files where scanners and other programs hold them.

Windows lets nobody rename or remove a file that a scanner or an indexer has open, which takes them moments to seconds.
macOS answers a request to keep data before the disk has it. Everything that publishes a file asks here.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ..paths import open_private

HELD_SECONDS = 15.0
"""How long a file may be held by another program; a scanner looks at a large model for seconds."""
BRIEF_SECONDS = 0.2
"""How long Blender's main thread waits for the same."""
SPARE_DISK_BYTES = 64 * 1024**2
"""Bytes left free on the disk, for the conversion and for everybody else."""
_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.5
_HELD = frozenset({5, 32, 33})
"""Windows' ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION."""


def replace(source: Path, target: Path, seconds: float = HELD_SECONDS) -> None:
    """Rename a file over another, waiting for ``seconds`` for those who hold one of the two; raises OSError."""
    patiently(lambda: os.replace(source, target), seconds)


def remove(path: Path, seconds: float = HELD_SECONDS, *, missing_ok: bool = False) -> None:
    """Remove a file, as patiently; raises OSError."""
    patiently(lambda: path.unlink(missing_ok=missing_ok), seconds)


def move(source: Path, target: Path) -> None:
    """Move a file in one step, over an older one; raises OSError.

    Where a folder of ours is a link to another disk, it is copied beside its target first.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        partial = target.with_name(target.name + ".partial")
        with source.open("rb") as old, open(partial, "wb", opener=open_private) as new:
            shutil.copyfileobj(old, new, 1 << 20)
            new.flush()
            keep(new.fileno())
        replace(partial, target)
        remove(source)


def patiently(act: Callable[[], None], seconds: float = HELD_SECONDS) -> None:
    """Do something to a file again and again while somebody else holds it, with growing pauses; raises OSError."""
    until = time.monotonic() + seconds
    pause = _FIRST_PAUSE
    while True:
        try:
            return act()
        except OSError as error:
            if not is_held(error) or time.monotonic() + pause > until:
                raise
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def is_held(error: OSError) -> bool:
    """Whether an error says that another program has the file open just now."""
    return getattr(error, "winerror", None) in _HELD


def keep(descriptor: int, platform: str = sys.platform) -> None:
    """Wait until the disk has what was written to a file; raises OSError.

    On macOS ``fsync`` leaves it in the drive's own memory (``fsync(2)``, ``F_FULLFSYNC``).
    """
    if platform == "darwin":
        import fcntl

        with contextlib.suppress(OSError):  # a file system that does not know it
            fcntl.fcntl(descriptor, getattr(fcntl, "F_FULLFSYNC", 51))
            return
    os.fsync(descriptor)


def free_bytes(folder: Path) -> int:
    """Return the space left on a folder's disk."""
    return shutil.disk_usage(folder).free
