# SPDX-License-Identifier: GPL-3.0-or-later
"""Record what each job cost and what became of the credits."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..account import SANDBOX_ACCOUNT
from ..files.table import spreadsheet_text, write_table
from ..jobs.states import Status
from .balance import BalanceTable
from .database import Database
from .jobs import Job


class Outcome(StrEnum):
    """What happened to the credits of one request."""

    CHARGED = "charged"
    """The service has a task for it."""
    UNCLEAR = "unclear"
    """It was sent and nobody knows what came of it, yet. A job has at most one such line."""
    ASSUMED = "assumed"
    """It was sent again or dismissed before anybody knew: it stays counted as charged."""
    REFUNDED = "refunded"
    """The service gave the credits of a task back."""
    NOT_CHARGED = "not charged"
    """It was certainly not accepted. No line says this: it takes the unclear one away."""


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


_LARGEST = 10**9
"""Sums beyond this are wrong, and more than Blender's properties hold."""
_SELECT = "SELECT job_id, at, name, kind, task_id, credits, outcome FROM ledger"
_MAY_HAVE_COST = (Outcome.UNCLEAR, Outcome.ASSUMED)


class Ledger:
    """Writes and reads the ledger through one connection."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def record_charge(self, job: Job, outcome: Outcome, task_id: str = "") -> bool:
        """Write what became of the credits of a job's request; return whether the ledger changed.

        The only writer of the ledger. Call it in the transaction that moves the job, with the job as it is before
        that. Repeated calls change nothing more. The rules, with the cautious one wherever nobody knows:

        - No clear answer, or cancelled while the request is on its way: UNCLEAR. It counts as spent on that day.
        - The answer (however late), Enter Task ID, or a task at the service that the ledger does not know: CHARGED,
          once for each task. It takes the place of the line that said the credits may be gone, and keeps its time.
          A task recovered without a job of its own counts with nothing: nobody here knows its price.
        - Send Again, Forget, or Remove of an uncertain job: ASSUMED. The first request may have been charged and stays
          counted as spent, in the daily cap too, until its answer arrives after all; the next try counts for itself.
        - Certainly not accepted: NOT_CHARGED, which takes an unclear line away.
        - Failed at the service: REFUNDED, with the amount and the account that were charged, and only when the task
          was charged and has not been given back.
        """
        with self.database.transaction():
            match outcome:
                case Outcome.CHARGED:
                    return self._charge(job, task_id)
                case Outcome.REFUNDED:
                    return self._refund(job, task_id)
                case Outcome.UNCLEAR:
                    return self._provisional(job, Outcome.UNCLEAR) is None and self._add(job, outcome, "")
                case Outcome.ASSUMED:
                    line = self._provisional(job, Outcome.UNCLEAR)
                    return line is not None and self._change(line, outcome, "")
                case Outcome.NOT_CHARGED:
                    line = self._provisional(job, Outcome.UNCLEAR)
                    if line is not None:
                        self.database.connection.execute("DELETE FROM ledger WHERE rowid = ?", (line,))
                    return line is not None

    def charge_of(self, job: Job, task_id: str) -> Entry | None:
        """Return the line that charged a job's task."""
        line = self._line_of(job, task_id, Outcome.CHARGED)
        row = self.database.connection.execute(f"{_SELECT} WHERE rowid = ?", (line,)).fetchone()
        return None if row is None else Entry(*row)

    def correct_charge(self, job: Job, task_id: str, credits: int) -> None:
        """Write what the service really took for a task."""
        line = self._line_of(job, task_id, Outcome.CHARGED)
        self.database.connection.execute("UPDATE ledger SET credits = ? WHERE rowid = ?", (credits, line))

    def mark(self) -> int:
        """Return a number that changes when a line is added."""
        return int(self.database.connection.execute("SELECT COALESCE(MAX(rowid), 0) FROM ledger").fetchone()[0])

    def move(self, job_id: str, before: str, after: str) -> None:
        """Count what a job cost for another account from now on."""
        self.database.connection.execute(
            "UPDATE ledger SET account_id = ? WHERE job_id = ? AND account_id = ?", (after, job_id, before)
        )

    def spent_since(self, account_id: str, since: float) -> int:
        """Return the credits spent since a time, less what was given back of them.

        What waits to be sent or is being sent counts, however old it is, since it will be spent now. Requests that
        may have been charged count on the day they were sent; what an earlier day paid and this one gave back does not.
        """
        row = self.database.connection.execute(
            "SELECT (SELECT TOTAL(credits) FROM ledger AS line WHERE account_id = :account AND at >= :since AND NOT"
            " (outcome = 'refunded' AND EXISTS (SELECT 1 FROM ledger AS paid WHERE paid.account_id = :account"
            " AND paid.at < :since AND paid.outcome = 'charged' AND paid.task_id = line.task_id))) +"
            " (SELECT TOTAL(credits) FROM job WHERE account_id = :account AND (status IN ('PREPARED', 'SUBMITTING')"
            " OR (status = 'UNCERTAIN' AND updated_at >= :since AND NOT EXISTS (SELECT 1 FROM ledger AS line"
            " WHERE line.job_id = job.job_id AND line.outcome = 'unclear'))))",  # an agent of version 1 wrote no line
            {"account": account_id, "since": since},
        ).fetchone()
        return int(min(max(row[0], -_LARGEST), _LARGEST))

    def entries(self) -> list[Entry]:
        """Return all lines, oldest first; what the Sandbox pretended to charge is left out."""
        rows = self.database.connection.execute(
            f"{_SELECT} WHERE account_id != ? ORDER BY at, rowid", (SANDBOX_ACCOUNT,)
        )
        return [Entry(*row) for row in rows]

    def _charge(self, job: Job, task_id: str) -> bool:
        if not task_id or self._line_of(job, task_id, Outcome.CHARGED) is not None:
            return False
        if job.status is not Status.SUBMITTING:  # else this is the answer to the present try, which has no line
            for said in _MAY_HAVE_COST:
                line = self._provisional(job, said)
                if line is not None:
                    return self._change(line, Outcome.CHARGED, task_id)
        return self._add(job, Outcome.CHARGED, task_id)

    def _refund(self, job: Job, task_id: str) -> bool:
        charge = self._line_of(job, task_id, Outcome.CHARGED) if task_id else None
        if charge is None or self._line_of(job, task_id, Outcome.REFUNDED) is not None:
            return False
        self.database.connection.execute(
            "INSERT INTO ledger (job_id, account_id, at, name, kind, task_id, credits, outcome)"
            " SELECT job_id, account_id, ?, name, kind, task_id, -credits, ? FROM ledger WHERE rowid = ?",
            (time.time(), Outcome.REFUNDED.value, charge),
        )
        self._moved(job.account_id, "")
        return True

    def _line_of(self, job: Job, task_id: str, outcome: Outcome) -> int | None:
        """Return the line about a task, whichever job of this account's or key of this job's it was written for."""
        row = self.database.connection.execute(
            "SELECT rowid FROM ledger WHERE task_id = ? AND outcome = ? AND (job_id = ? OR account_id = ?)"
            " ORDER BY rowid LIMIT 1",
            (task_id, outcome.value, job.job_id, job.account_id),
        ).fetchone()
        return None if row is None else int(row[0])

    def _provisional(self, job: Job, outcome: Outcome) -> int | None:
        """Return the oldest line of a job whose task is not known."""
        row = self.database.connection.execute(
            "SELECT rowid FROM ledger WHERE job_id = ? AND outcome = ? ORDER BY rowid LIMIT 1",
            (job.job_id, outcome.value),
        ).fetchone()
        return None if row is None else int(row[0])

    def _add(self, job: Job, outcome: Outcome, task_id: str) -> bool:
        at = time.time()
        # What was sent before counts on that day, not on the one when somebody told what came of it.
        if job.status is Status.UNCERTAIN:
            at = job.updated_at
        elif job.status not in (Status.PREPARED, Status.SUBMITTING):
            at = job.submitted_at or at
        self.database.connection.execute(
            "INSERT INTO ledger (job_id, account_id, at, name, kind, task_id, credits, outcome)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (job.job_id, job.account_id, at, job.name, job.kind, task_id, job.credits, outcome.value),
        )
        self._moved(job.account_id, job.job_id)
        return True

    def _moved(self, account_id: str, by_job: str) -> None:
        """Forget what the balance was before any job but the one that has moved it now."""
        BalanceTable(self.database).moved(account_id)
        self.database.connection.execute(
            "UPDATE job SET balance_before = '' WHERE account_id = ? AND balance_before != '' AND job_id != ?",
            (account_id, by_job),
        )

    def _change(self, line: int, outcome: Outcome, task_id: str) -> bool:
        self.database.connection.execute(
            "UPDATE ledger SET outcome = ?, task_id = ? WHERE rowid = ?", (outcome.value, task_id, line)
        )
        return True


def write_csv(path: Path, entries: Iterable[Entry]) -> None:
    """Write lines as a table with a head; raises OSError. Times are local, in ISO 8601."""
    rows = [
        (
            time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(entry.at)),
            *(entry.job_id, entry.task_id, entry.kind, spreadsheet_text(entry.name), entry.credits, entry.outcome),
        )
        for entry in entries
    ]
    write_table(path, ("time", "job", "task", "kind", "name", "credits", "outcome"), rows)
