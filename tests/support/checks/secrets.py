"""Looks for a key where none may be: in every file below a folder, and in what the system tells of processes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ..machine import processes


def in_files(key: str, folder: Path) -> list[str]:
    """The files below a folder that hold the key, plainly or as UTF-16; one that cannot be read counts, and says so."""
    needles = (key.encode(), key.encode("utf-16-le"))
    found: list[str] = []
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            try:
                data = path.read_bytes()
            except PermissionError as error:  # open, on Windows
                found.append(f"{path} ({error})")
            else:
                found += [str(path)] if any(needle in data for needle in needles) else []
    return found


def in_processes(key: str, words: Sequence[str], *, environment: bool = True) -> list[str]:
    """The processes whose command line, or environment unless told, mentions one of the words, and which have the key
    in either. This process is left out: a test may put the key into its own."""
    found: list[str] = []
    for process in processes.mentioning(list(words), environment=environment):
        for part in ("cmdline", "environ"):
            path = Path(f"/proc/{process.pid}/{part}")
            try:
                if process.pid != os.getpid() and key.encode() in path.read_bytes():
                    found.append(str(path))
            except OSError:
                continue  # it has ended meanwhile
    return found
