# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy a result to where somebody wants it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from pathlib import Path

from ..jobs.outcome import Outcome, outcome_of
from ..jobs.placement import Placement
from . import disk

_MOST_NAMES = 1000


def is_saved(kind: str, placement: str) -> bool:
    """Whether the result of a job, whose placement is this JSON text, is where it is to be saved, if anywhere."""
    if outcome_of(kind) is not Outcome.SAVED_FILE:
        return True
    found = Placement.from_json(placement)
    return not found.filepath or bool(found.saved and Path(found.saved).is_file())


def save_copy(source: Path, target: Path, sha256: str, token: str) -> Path:
    """Copy a file to ``target`` and return where it is: with a number after its name when there is another file.

    The file is complete under its name or not there at all; no other file is replaced. One that holds the same, by its
    SHA-256, is taken for the copy: an agent may have been killed before it could report it. ``token`` names the copy
    while it is made, so that the next one to try takes its place. Raises OSError, with FileNotFoundError when the
    folder or the source is not there.
    """
    partial = target.with_name(f".{target.name}.{token}.part")
    size = source.stat().st_size
    try:
        shutil.copyfile(source, partial)
        with partial.open("rb+") as file:
            disk.keep(file.fileno())
        for number in range(1, _MOST_NAMES):
            name = target if number == 1 else target.with_name(f"{target.stem}_{number}{target.suffix}")
            if _publish(partial, name) or _holds(name, size, sha256):
                return name
        raise FileExistsError(17, "there are too many files of this name")
    finally:
        with contextlib.suppress(OSError):
            disk.remove(partial, missing_ok=True)


def _holds(file: Path, size: int, sha256: str) -> bool:
    """Whether a file is there already, with the same in it."""
    try:
        if file.stat().st_size != size:
            return False
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _publish(partial: Path, name: Path) -> bool:
    """Give a complete file its name; False when there is a file of this name."""
    try:
        os.link(partial, name)
        return True
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        if not _claim(name):
            return False
    try:
        disk.replace(partial, name)
    except OSError:
        disk.remove(name, missing_ok=True)
        raise
    return True


def _claim(name: Path) -> bool:
    """Make an empty file of this name; False when there is one."""
    try:
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError:
        return False
    return True
