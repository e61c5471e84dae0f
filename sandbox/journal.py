# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of every request on both origins, and what can be read off it."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Literal

Origin = Literal["api", "storage"]
WINDOW = 60.0


@dataclass
class Entry:
    """One request. `monotonic` is `time.monotonic()` of this process, `clock` the sandbox's clock.

    `account` is a label, never a key: `none` without a key, `unknown` for a wrong one. `status` stays None
    until something was answered. `ended` is how the exchange went: open, answered, reset, hang, cut, endless.
    `manner` is how the answer went out: gzip, chunked, 103, …
    """

    origin: Origin
    method: str
    path: str
    monotonic: float
    clock: float
    authorization: bool
    account: str = "none"
    kind: str = "other"
    status: int | None = None
    ended: str = "open"
    fault: str | None = None
    manner: str = ""

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


class Journal:
    """Thread-safe, append only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []

    def add(self, origin: Origin, method: str, path: str, clock: float, authorization: bool) -> Entry:
        entry = Entry(origin, method, path, time.monotonic(), clock, authorization)
        with self._lock:
            self._entries.append(entry)
        return entry

    def entries(self) -> list[Entry]:
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def busiest_minute(self) -> dict[str, int]:
        """The most API requests of each account in any 60 real seconds, refused ones included."""
        windows: dict[str, deque[float]] = {}
        most: dict[str, int] = {}
        for entry in sorted(self.entries(), key=lambda item: item.monotonic):
            if entry.origin != "api":
                continue
            window = windows.setdefault(entry.account, deque())
            window.append(entry.monotonic)
            while window[0] <= entry.monotonic - WINDOW:
                window.popleft()
            most[entry.account] = max(most.get(entry.account, 0), len(window))
        return most
