"""The sliding window of requests that a key may make."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """What has been spent for one key: at most `limit` requests in any `window` seconds.

    `stamps`: the times of requests sent, in any order; older ones than a window may be left out. Nothing is
    sent before `penalty_until` (a 429 and its `Retry-After`). The service counts when requests arrive, not
    when they leave: pass a window a little longer than its own.
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

    def returns(self, now: float) -> list[float]:
        """For each of the `limit` requests, the time from which it may be made, earliest first; none before `now`."""
        latest = sorted(self.stamps)[-self.limit :]
        earliest = max(now, self.penalty_until)
        free = [earliest] * (self.limit - len(latest))
        return free + [max(earliest, stamp + self.window) for stamp in latest]

    def free(self, now: float) -> int:
        """Requests that may be made at `now`."""
        return sum(1 for at in self.returns(now) if at <= now)

    def next_slot(self, now: float) -> float:
        """The earliest time, not before `now`, at which a request may be made."""
        return self.returns(now)[0]
