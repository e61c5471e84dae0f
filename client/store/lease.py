# SPDX-License-Identifier: GPL-3.0-or-later
"""Lease an account to one agent at a time.

Times here are those of the machine's clock, which no clock change touches. It starts again at a reboot, so a beat from
the future belongs to a machine that has been restarted: such a lease is stale.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from .. import machine_clock
from .database import Database

BEAT_SECONDS = 1.0
"""How often an agent renews its lease."""

STALE_SECONDS = 4.0
"""How long after its last beat an agent counts as dead."""
_SKEW_SECONDS = 0.5
"""How far ahead a living agent's beat may lie of a time that was taken before it was read, or on a coarse clock."""


@dataclass(frozen=True)
class AgentLease:
    """Who works the jobs, and when it last said so."""

    agent: str
    pid: int
    beat_at: float

    def is_fresh(self, now: float) -> bool:
        """Whether the agent is alive by its last beat, as of ``now`` on the machine's clock."""
        return _is_within(self.beat_at, now, STALE_SECONDS)


def living_agents(connection: sqlite3.Connection, within: float = STALE_SECONDS) -> set[str]:
    """Return the agents that have renewed a lease, of any account, within so many seconds."""
    now = machine_clock.now()
    rows = connection.execute("SELECT agent, beat_at FROM lease")
    return {row["agent"] for row in rows if _is_within(row["beat_at"], now, within)}


def _is_within(beat_at: float, now: float, seconds: float) -> bool:
    return -_SKEW_SECONDS <= now - beat_at <= seconds


class LeaseTable:
    """Takes, renews and gives back leases through one connection."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def holder(self, account_id: str) -> AgentLease | None:
        """Return the present holder, fresh or not."""
        row = self.database.connection.execute(
            "SELECT agent, pid, beat_at FROM lease WHERE account_id = ?", (account_id,)
        ).fetchone()
        return None if row is None else AgentLease(row["agent"], row["pid"], row["beat_at"])

    def acquire(self, account_id: str, agent: str, pid: int) -> bool:
        """Take or renew the lease; return False when another agent holds it freshly."""
        now = machine_clock.now()
        with self.database.transaction() as connection:
            holder = self.holder(account_id)
            if holder is not None and holder.agent != agent and holder.is_fresh(now):
                return False
            connection.execute(
                "INSERT OR REPLACE INTO lease (account_id, agent, pid, beat_at) VALUES (?, ?, ?, ?)",
                (account_id, agent, pid, now),
            )
        return True

    def release(self, account_id: str, agent: str) -> None:
        """Give the lease back, if it is still ours."""
        self.database.connection.execute("DELETE FROM lease WHERE account_id = ? AND agent = ?", (account_id, agent))
