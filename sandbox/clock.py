# SPDX-License-Identifier: GPL-3.0-or-later
"""A clock that runs with the real one and can be put forward."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch as the service sees them: real monotonic time plus whatever `advance` added."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._base = time.time() - time.monotonic()
        self._ahead = 0.0

    def now(self) -> float:
        with self._lock:
            return self._base + time.monotonic() + self._ahead

    def advance(self, seconds: float) -> None:
        """Put the clock forward. Raises ValueError for a step back: nothing in the service runs backwards."""
        if not seconds >= 0:
            raise ValueError("advance: must be zero or more seconds")
        with self._lock:
            self._ahead += seconds


def iso(moment: float) -> str:
    """ISO 8601 in UTC with seconds, as in the API reference: 2026-03-26T12:00:00Z."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
