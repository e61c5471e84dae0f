"""The ledger: what each job cost and what became of the credits, kept even when the job is removed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum

from .database import Database
from .jobs import Job


class Outcome(StrEnum):
    """What happened to the credits."""

    CHARGED = "charged"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class Entry:
    """One line: ``at`` in seconds since the epoch, ``credits`` negative when given back."""

    job_id: str
    at: float
    name: str
    kind: str
    task_id: str
    credits: int
    outcome: str


class Ledger:
    """Writes and reads the ledger through one connection."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def write(self, job: Job, outcome: Outcome, task_id: str) -> None:
        """Add a line."""
        credits = -job.credits if outcome is Outcome.REFUNDED else job.credits
        self.database.connection.execute(
            "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (job.job_id, job.account_id, time.time(), job.name, job.kind, task_id, credits, outcome.value),
        )

    def entries(self, since: float = 0.0) -> list[Entry]:
        """Return the lines since a time, oldest first."""
        rows = self.database.connection.execute(
            "SELECT job_id, at, name, kind, task_id, credits, outcome FROM ledger WHERE at >= ? ORDER BY at", (since,)
        )
        return [Entry(*row) for row in rows]
