# SPDX-License-Identifier: GPL-3.0-or-later
"""Share an account's rate budget between all processes, across restarts.

The service allows a number of requests in any 60 seconds (3 by default). Each request is written down before it is
sent and timed again when its answer is there: the service counted it no later than that, so our window can never be
shorter than the service's. While it is in flight it counts as being made now.

Times are the machine's clock's: no clock change can overdraw the budget. That clock starts again at a reboot; a stamp
from the future is therefore at least as old as the machine's present uptime, and counts as made at the boot.
"""

from __future__ import annotations

from .. import machine_clock
from .database import Database
from .opening import REPLACED_SETTING
from .request_window import RequestWindow

WINDOW_SECONDS = 60.0
_SKEW_SECONDS = 5.0
RECOVERY_SECONDS = 180.0
"""After this long without another 429, a lowered limit rises by one."""


class RateTable:
    """Draws from the budget of one account through one connection."""

    def __init__(self, database: Database, account_id: str, limit: int, window: float = WINDOW_SECONDS) -> None:
        self.database = database
        self.account_id = account_id
        self.limit = limit
        self.window = window

    def budget(self, now: float) -> RequestWindow:
        """Return the budget as of ``now``, in times of ``time.monotonic()`` as that is."""
        lead = machine_clock.lead()
        window = self._budget(now - lead)
        stamps = tuple(stamp + lead for stamp in window.stamps)
        return RequestWindow(window.limit, self.window, stamps, window.penalty_until + lead)

    def _budget(self, now: float) -> RequestWindow:
        rows = self.database.connection.execute(
            "SELECT at FROM request_stamp WHERE account_id = ? ORDER BY at IS NULL, at", (self.account_id,)
        )
        stamps = tuple(now if row["at"] is None else _age_safe(row["at"], now) for row in rows)
        limit, blocked_until = self._lowered(now)
        recent = tuple(sorted(stamp for stamp in stamps if stamp > now - self.window))
        return RequestWindow(limit, self.window, recent, blocked_until)

    def reserve(self, purpose: str) -> int | None:
        """Write down a request about to be sent and return its number, or None when the budget is used up."""
        with self.database.transaction() as connection:
            now = machine_clock.now()
            if self._budget(now).next_slot(now) > now:
                return None
            connection.execute(
                "DELETE FROM request_stamp WHERE account_id = ? AND at < ?", (self.account_id, now - self.window)
            )
            cursor = connection.execute(
                "INSERT INTO request_stamp (account_id, at, purpose) VALUES (?, NULL, ?)", (self.account_id, purpose)
            )
            return cursor.lastrowid

    def complete(self, stamp: int) -> None:
        """Time a request whose answer is there, or that is given up."""
        self.database.connection.execute(
            "UPDATE request_stamp SET at = ? WHERE stamp_id = ?", (machine_clock.now(), stamp)
        )

    def cancel(self, stamp: int) -> None:
        """Take back a stamp whose request was not sent after all."""
        self.database.connection.execute("DELETE FROM request_stamp WHERE stamp_id = ?", (stamp,))

    def complete_abandoned(self) -> None:
        """Time the requests of an agent that is gone: they cannot have been counted later than now."""
        now = machine_clock.now()
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE request_stamp SET at = ? WHERE account_id = ? AND at IS NULL", (now, self.account_id)
            )
            connection.execute(
                "UPDATE request_stamp SET at = 0 WHERE account_id = ? AND at > ?", (self.account_id, now)
            )

    def refused(self, retry_after: float | None, delay: float) -> None:
        """Remember a 429: block for ``retry_after`` seconds, or, where the service does not say, for ``delay``
        seconds with the limit lowered by one."""
        now = machine_clock.now()
        limit, blocked_until = self._lowered(now)
        seconds = max(delay if retry_after is None else retry_after, blocked_until - now)
        lowered = limit if retry_after is not None else max(1, limit - 1)
        self.database.connection.execute(
            "INSERT OR REPLACE INTO rate (account_id, lowered_to, changed_at, blocked_at, blocked_seconds)"
            " VALUES (?, ?, ?, ?, ?)",
            (self.account_id, lowered, now, now, seconds),
        )

    def _lowered(self, now: float) -> tuple[int, float]:
        """Return the limit in force and until when nothing may be sent."""
        row = self.database.connection.execute(
            "SELECT lowered_to, changed_at, blocked_at, blocked_seconds FROM rate WHERE account_id = ?",
            (self.account_id,),
        ).fetchone()
        replaced = self.database.setting(REPLACED_SETTING)
        # The stamps of a damaged store are lost: its requests may all have been made the moment before.
        fresh_until = 0.0 if replaced is None else _age_safe(float(replaced), now) + self.window
        if row is None:
            return self.limit, fresh_until
        recovered = int((now - _age_safe(row["changed_at"], now)) // RECOVERY_SECONDS)
        limit = min(self.limit, row["lowered_to"] + recovered)
        return limit, max(fresh_until, _age_safe(row["blocked_at"], now) + row["blocked_seconds"])


def _age_safe(at: float, now: float) -> float:
    """Return a time that is not in the future. A little later than ``now`` it was written by somebody who looked at
    the clock after us; far from it, before the machine was started."""
    return now if now < at < now + _SKEW_SECONDS else at if at <= now else 0.0
