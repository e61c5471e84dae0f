# SPDX-License-Identifier: GPL-3.0-or-later
"""Renew the account's lease, and know whether it is still held."""

from __future__ import annotations

import math
import time

from ..store import LeaseTable
from ..store.lease import BEAT_SECONDS, STALE_SECONDS


class LeaseKeeper:
    """The lease of one agent on one account."""

    def __init__(self, leases: LeaseTable, account_id: str, name: str, pid: int) -> None:
        self.name = name
        self._leases = leases
        self._account_id = account_id
        self._pid = pid
        self._beat_at = float("-inf")
        self._was_away = False

    def renew(self) -> bool:
        """Renew the lease when it is time to; return False when another agent has it. Raises sqlite3.Error."""
        now = time.monotonic()
        silent = now - self._beat_at
        if silent < BEAT_SECONDS:
            return True
        if not self._leases.acquire(self._account_id, self.name, self._pid):
            self._beat_at = float("-inf")
            return False
        self._was_away |= STALE_SECONDS <= silent < math.inf
        self._beat_at = now
        return True

    def was_away(self) -> bool:
        """Return, once, whether the lease was stale for a while and is ours again: another agent may have come and
        gone, and left work half done."""
        was_away, self._was_away = self._was_away, False
        return was_away

    def holds_lease(self) -> bool:
        """Return whether the lease is ours, according to the store; within a transaction it stays so until that
        ends."""
        holder = self._leases.holder(self._account_id)
        return holder is not None and holder.agent == self.name

    def is_ours(self) -> bool:
        """Whether no other agent can have taken over. May be asked from any thread.

        A process that was stopped for a while (a sleeping laptop) learns here, before it does any harm, that it was.
        """
        return time.monotonic() - self._beat_at < STALE_SECONDS

    def stop(self) -> None:
        """Give the lease back; raises sqlite3.Error."""
        self._leases.release(self._account_id, self.name)
