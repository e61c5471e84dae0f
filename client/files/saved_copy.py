# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy a result to where somebody wants it."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from . import disk

_MOST_NAMES = 1000


def save_copy(source: Path, target: Path) -> Path:
    """Copy a file to ``target`` and return where it is: with a number after its name when there is a file already.

    The file is complete under its name or not there at all; no other file is replaced. Raises OSError, with
    FileNotFoundError when the folder or the source is not there.
    """
    partial = target.with_name(f".{target.name}.{os.urandom(4).hex()}.part")
    try:
        shutil.copyfile(source, partial)
        with partial.open("rb+") as file:
            disk.keep(file.fileno())
        for number in range(1, _MOST_NAMES):
            name = target if number == 1 else target.with_name(f"{target.stem}_{number}{target.suffix}")
            if _claim(name):
                try:
                    disk.replace(partial, name, disk.BRIEF_SECONDS)
                except OSError:
                    disk.remove(name, disk.BRIEF_SECONDS, missing_ok=True)
                    raise
                return name
        raise FileExistsError(17, "there are too many files of this name")
    finally:
        with contextlib.suppress(OSError):
            disk.remove(partial, disk.BRIEF_SECONDS, missing_ok=True)


def _claim(name: Path) -> bool:
    """Make an empty file of this name; False when there is one."""
    try:
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError:
        return False
    return True
