# SPDX-License-Identifier: GPL-3.0-or-later
"""Compute the sliding window of requests that a key may make."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class RequestWindow:
    """What has been spent for one key: at most `limit` requests in any `window` seconds.

    `stamps`: the times of requests sent, ascending; older ones than a window may be left out. Nothing is sent before
    `penalty_until` (a 429 and its `Retry-After`). The service counts when requests arrive, not when they leave: pass a
    window a little longer than its own.
    """

    limit: int = 3
    window: float = 60.0
    stamps: tuple[float, ...] = ()
    penalty_until: float = -math.inf

    def __post_init__(self) -> None:
        if self.limit < 1 or not self.window > 0:
            raise ValueError("a budget needs a limit of at least 1 and a window longer than 0 s")

    @property
    def slot(self) -> float:
        """Seconds per request when the budget is used evenly."""
        return self.window / self.limit

    def next_slot(self, now: float, after: int = 0) -> float:
        """Return the earliest time, not before `now`, at which a request may be made, and `after` others before it."""
        earliest = max(now, self.penalty_until)
        first = len(self.stamps) + after - self.limit  # the one that must be a window old by then
        if first < 0:
            return earliest
        return max(earliest, self.stamps[first] + self.window) if first < len(self.stamps) else earliest + self.window
