# SPDX-License-Identifier: GPL-3.0-or-later
"""Watch a converter's memory where the system enforces no limit (macOS).

Elsewhere the converter limits itself (``converter.limits``). It cannot watch itself: an importer in C++ lets no other
Python thread run.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How often to look while an order is carried out."""


class MemoryWatch:
    """Tells whether a process takes more than three quarters of the machine's memory."""

    def __init__(self, platform: str = sys.platform, limit: int = 0) -> None:
        self.is_watched = platform == "darwin"
        self._limit = limit

    def is_too_large(self, pid: int) -> bool:
        """Look at a process; one that cannot be looked at is not too large."""
        if not self.is_watched:
            return False
        try:
            self._limit = self._limit or os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 3 // 4
            return resident_bytes(pid) > self._limit
        except (OSError, ValueError, subprocess.SubprocessError):
            log.warning("the size of process %d cannot be told", pid)
            return False


def resident_bytes(pid: int) -> int:
    """Return a process's resident memory, as ``ps`` tells it; raises OSError, ValueError or SubprocessError."""
    command = ["ps", "-o", "rss=", "-p", str(pid)]
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, text=True, timeout=5, check=True)
    return int(done.stdout) * 1024
