"""The ledger: what each job cost and what became of the credits, kept even when the job is removed."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..settings import SANDBOX_ACCOUNT
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
            "INSERT INTO ledger (job_id, account_id, at, name, kind, task_id, credits, outcome)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (job.job_id, job.account_id, time.time(), job.name, job.kind, task_id, credits, outcome.value),
        )

    def spent_since(self, account_id: str, since: float) -> int:
        """Return the credits spent since a time, less what was given back.

        Requests that are still to be sent, or that may have been charged, count as spent.
        """
        row = self.database.connection.execute(
            "SELECT (SELECT COALESCE(SUM(credits), 0) FROM ledger WHERE account_id = ? AND at >= ?) + (SELECT"
            " COALESCE(SUM(credits), 0) FROM job WHERE account_id = ? AND status IN ('PREPARED', 'SUBMITTING',"
            " 'UNCERTAIN') AND created_at >= ?)",
            (account_id, since, account_id, since),
        ).fetchone()
        return int(row[0])

    def entries(self, since: float = 0.0) -> list[Entry]:
        """Return the lines since a time, oldest first; what the Sandbox pretended to charge is left out."""
        rows = self.database.connection.execute(
            "SELECT job_id, at, name, kind, task_id, credits, outcome FROM ledger"
            " WHERE at >= ? AND account_id != ? ORDER BY at",
            (since, SANDBOX_ACCOUNT),
        )
        return [Entry(*row) for row in rows]


def write_csv(path: Path, entries: Iterable[Entry]) -> None:
    """Write lines as a table with a head; raises OSError. Times are local, in ISO 8601.

    Names that a spreadsheet would take for a formula begin with an apostrophe.
    """
    import csv

    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        table = csv.writer(stream)
        table.writerow(("time", "job", "task", "kind", "name", "credits", "outcome"))
        for entry in entries:
            when = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(entry.at))
            name = f"'{entry.name}" if entry.name[:1] in ("=", "+", "-", "@") else entry.name
            table.writerow((when, entry.job_id, entry.task_id, entry.kind, name, entry.credits, entry.outcome))
