# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the end of a converter's output with a file that could not be converted."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from ...files import disk
from ...paths import open_private
from ...redact import redact

log = logging.getLogger(__name__)

KEPT_BYTES = 64 * 1024


class OutputLog:
    """The last lines since `begin`. One thread may add while another begins or reads."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque()
        self._bytes = 0

    def begin(self) -> None:
        """Forget what belongs to earlier work."""
        self._lines, self._bytes = deque(), 0

    def add(self, line: str) -> None:
        """Keep a line, and drop the oldest beyond `KEPT_BYTES`."""
        lines = self._lines
        lines.append(line)
        self._bytes += len(line)
        while self._bytes > KEPT_BYTES and len(lines) > 1:
            self._bytes -= len(lines.popleft())

    def text(self) -> str:
        """What is kept, without secrets."""
        return redact("".join(list(self._lines)))[-KEPT_BYTES:]


def keep(path: Path, title: str, tries: Sequence[tuple[str, str]]) -> None:
    """Write why each try failed and what was printed meanwhile; without a place to write, only the file is kept."""
    parts = [f"{title}\n"]
    for number, (reason, printed) in enumerate(tries, 1):
        parts.append(f"\nTry {number}: {redact(reason)}\n\n{printed.strip()}\n")
    try:
        with open(path, "w", encoding="utf-8", errors="replace", opener=open_private) as file:
            file.write("".join(parts))
    except OSError as error:
        log.warning("%s cannot be written: %s", path.name, error.strerror)


def set_aside(path: Path) -> None:
    """Keep the last process's log as ``….old.log``: the log that people ask for is often that of a process that
    died."""
    try:
        disk.replace(path, path.with_suffix(".old.log"), disk.BRIEF_SECONDS)
    except OSError:
        log.debug("there is no %s to keep", path.name)
