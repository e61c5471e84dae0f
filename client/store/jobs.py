# SPDX-License-Identifier: GPL-3.0-or-later
"""Read and write job rows; a state change follows the table or does not happen."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from ..account import SANDBOX_ACCOUNT
from ..jobs.outcome import TRANSFER
from ..jobs.request import GenerationRequest
from ..jobs.states import LIVE, WITH_MODEL, Status, check, sql_names
from ..notices import Code, Notice
from ..stored_notices import read
from .database import Database, insert


def new_job_id() -> str:
    """Return an id for a job that is still to be written."""
    return uuid.uuid4().hex[:12]


@dataclass(frozen=True)
class NewJob:
    """What a press of Generate writes.

    ``placement`` is JSON text of where the model goes; ``target`` names the scene that asked, or is empty when the
    job is delivered by whoever waits for it.
    """

    account_id: str
    request: GenerationRequest
    placement: str = "{}"
    target: str = ""
    name: str = ""
    """The request's title when empty."""
    job_id: str = ""
    """A new one when empty; given where a later job of the same press names this one as its source (`new_job_id`)."""
    press: str = ""
    """What all variations of one press share; empty for a model alone."""


@dataclass(frozen=True)
class Job:
    """One row. Times are seconds since the epoch; ``progress`` is 0–100; files are relative to the home folder.

    ``finishes_at`` is when the service is expected to be done, as last forecast; None before it has said anything.
    ``size`` is that of the download, ``kept`` that of all its files that are still in the cache, without the thumbnail;
    ``used_at`` is when they last came or were imported. ``pressed_at`` is when a person last had it sent, None for the
    first time (then that is ``created_at``). ``former_account`` is the account that it was sent with, while it is being
    tried whether the present key may follow it; empty otherwise. ``claimed_by`` and ``claimed_at`` are who is putting
    the model into a scene, and since when (see ``claims``). ``message`` is what it says now, and ``incomplete`` what
    the model lacks of its file or has joined, both as text that `client.notices.read` takes; ``error`` is an ErrorCode,
    or empty. ``source_job`` is the job whose result this one works on, if any; ``prepared`` the model that was exported
    for its request; ``press`` what it shares with the other variations of its press, empty when it is alone;
    ``faces`` and ``bounds`` are how large the finished model is (`client.formats.handover.Measured`): its corners as
    JSON, empty while unknown. ``shelf`` is the name under which its model was put on the shelf, empty before that.
    What is ``pinned`` stays in the cache, however much is kept; ``shelf_pinned`` is whether the shelf says so.
    ``full_faces`` are the triangles of a model that was reduced, 0 for one that was not.
    """

    job_id: str
    revision: int
    account_id: str
    kind: str
    name: str
    request: str
    placement: str
    target: str
    status: Status
    task_id: str | None
    progress: int
    message: str
    error: str
    credits: int
    created_at: float
    submitted_at: float | None
    finished_at: float | None
    finishes_at: float | None
    updated_at: float
    file: str
    blend: str
    thumbnail: str
    sha256: str
    size: int
    kept: int
    used_at: float | None
    balance_before: str
    hidden: int
    pressed_at: float | None
    former_account: str
    claimed_by: str
    claimed_at: float | None
    incomplete: str
    source_job: str
    prepared: str
    press: str
    faces: int
    bounds: str
    shelf: str
    pinned: int
    shelf_pinned: int
    full_faces: int
    row: int = 0
    """Tells the order of jobs that were created in the same step of the clock, of which Windows has 64 a second."""

    @property
    def is_live(self) -> bool:
        """Whether the agent has work to do for it."""
        return self.status in LIVE

    @property
    def notice(self) -> Notice:
        """What it says now."""
        return read(self.message)


_COLUMNS = tuple(field.name for field in fields(Job) if field.name != "row")
_SELECT = f"SELECT {', '.join(_COLUMNS)}, rowid FROM job"
_CHANGEABLE = frozenset(_COLUMNS) - {"job_id", "revision", "status", "created_at", "updated_at"}

Field = str | int | float | Notice | Code | None


class JobTable:
    """Reads and writes jobs through one connection."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def insert(self, new: NewJob, *, status: Status = Status.PREPARED, task_id: str | None = None) -> str:
        """Write a new job and return its ``job_id``. An adopted task starts as QUEUED with its ``task_id``."""
        job_id = new.job_id or new_job_id()
        model = new.request.model
        now = time.time()
        with self.database.transaction() as connection:
            row = {
                "job_id": job_id,
                "revision": self.database.next_revision(),
                "account_id": new.account_id,
                "kind": new.request.kind.value,
                "name": connection.redacted("name", new.name or new.request.title),
                "request": new.request.to_json(),
                "placement": new.placement,
                "target": new.target,
                "status": status.value,
                "task_id": task_id,
                "credits": new.request.price.total,
                "created_at": now,
                "submitted_at": None if task_id is None else now,
                "updated_at": now,
                "source_job": "" if model is None else model.job_id,
                "press": new.press,
            }
            insert(connection, "job", row)
        return job_id

    def get(self, job_id: str) -> Job | None:
        """Return one job."""
        return next(iter(self._select("WHERE job_id = ?", (job_id,))), None)

    def with_task(self, task_id: str) -> Job | None:
        """Return a visible job of a task at the service."""
        return next(iter(self._select("WHERE task_id = ? AND hidden = 0 LIMIT 1", (task_id,))), None)

    def changed_since(self, revision: int, limit: int = 200) -> list[Job]:
        """Return up to ``limit`` jobs changed after a revision, oldest change first."""
        return self._select("WHERE revision > ? ORDER BY revision LIMIT ?", (revision, limit))

    def recent(self, limit: int, after: Job | None = None) -> list[Job]:
        """Return the newest visible jobs, newest first: those that follow ``after`` in this order, or the first."""
        clause, values = "WHERE hidden = 0", list[Field]()
        if after is not None:
            clause += " AND (created_at, rowid) < (?, ?)"
            values += [after.created_at, after.row]
        return self._select(f"{clause} ORDER BY created_at DESC, rowid DESC LIMIT ?", (*values, limit))

    def in_states(self, states: Iterable[Status], account_id: str | None = None) -> list[Job]:
        """Return the jobs in these states, oldest first, of one account or of all."""
        names = [state.value for state in states]
        clause = f"WHERE status IN ({', '.join('?' * len(names))})"
        if account_id is not None:
            clause += " AND account_id = ?"
            names.append(account_id)
        return self._select(f"{clause} ORDER BY created_at, rowid", names)

    def variations(self, press: str) -> list[Job]:
        """Return the visible jobs of a press in their order; none without one."""
        clause = "WHERE press = ? AND press != '' AND hidden = 0 ORDER BY created_at, rowid"
        return self._select(clause, (press,))

    def in_places(self, account_id: str, limit: int = 2000) -> list[Job]:
        """Return the visible jobs whose models take the place of something, newest first: the Sandbox's for its
        account, else those of all keys, since what was paid with one is not paid again with the next."""
        same = "=" if account_id == SANDBOX_ACCOUNT else "!="
        clause = f"WHERE account_id {same} ? AND hidden = 0 AND instr(placement, '\"placeholder\": {{')"
        return self._select(f"{clause} ORDER BY created_at DESC, rowid DESC LIMIT ?", (SANDBOX_ACCOUNT, limit))

    def with_balance_before(self, account_id: str) -> list[Job]:
        """Return the jobs of an account of which it is known what the balance was before them."""
        return self._select("WHERE account_id = ? AND balance_before != ''", (account_id,))

    def without_thumbnail(self, account_id: str, since: float, limit: int) -> list[str]:
        """Return the newest jobs, created since a time, that have a model and no thumbnail."""
        rows = self.database.connection.execute(
            f"SELECT job_id FROM job WHERE account_id = ? AND status IN ({sql_names(WITH_MODEL)}) AND blend != ''"
            " AND thumbnail = '' AND hidden = 0 AND created_at > ? AND kind != ? ORDER BY created_at DESC, rowid DESC"
            " LIMIT ?",
            (account_id, since, TRANSFER, limit),
        )
        return [row[0] for row in rows]

    def not_on_shelf(self, account_id: str) -> Job | None:
        """Return the newest job whose model is not on the shelf under the job's name, pinned as the job is; None when
        all are. What is being imported just now is left out."""
        clause = (
            f"WHERE account_id = ? AND status IN ({sql_names(WITH_MODEL)}) AND blend != '' AND kept > 0"
            " AND (shelf != name OR shelf_pinned != pinned)"
            " AND claimed_by = '' AND kind != ? ORDER BY created_at DESC, rowid DESC LIMIT 1"
        )
        return next(iter(self._select(clause, (account_id, TRANSFER))), None)

    def pin(self, job_id: str, pinned: bool) -> None:
        """Keep a job's model in the cache whatever is pruned, or no longer."""
        self._set(job_id, "pinned", int(pinned))

    def durations(self, kind: str, limit: int) -> list[tuple[str, float]]:
        """Return (request, seconds from submit to finish) of this kind's latest finished jobs, newest first.

        What the Sandbox took says nothing about the service.
        """
        rows = self.database.connection.execute(
            "SELECT request, finished_at - submitted_at FROM job WHERE kind = ? AND finished_at > submitted_at"
            " AND account_id != ? ORDER BY finished_at DESC, rowid DESC LIMIT ?",
            (kind, SANDBOX_ACCOUNT, limit),
        )
        return [(row[0], row[1]) for row in rows]

    def transition(self, job_id: str, before: Status, after: Status, **changes: Field) -> bool:
        """Move a job from one state to the next, with other columns in the same write.

        Returns False, having written nothing, when the job is no longer in ``before`` (somebody else moved it).
        Raises IllegalTransition when the table does not allow the step.
        """
        check(before, after)
        return self._write(job_id, before, {**changes, "status": after.value})

    def update(self, job_id: str, status: Status, **changes: Field) -> bool:
        """Change columns of a job that is still in ``status``; return False when it is not."""
        return self._write(job_id, status, changes)

    def restore(self, job: Job) -> None:
        """Write a job as it was, into a store that took the place of a damaged one."""
        values = {**asdict(job), "status": job.status.value}
        with self.database.transaction() as connection:
            values["revision"] = self.database.next_revision()
            row = {name: connection.redacted(name, values[name]) for name in _COLUMNS}
            insert(connection, "job", row, "REPLACE")

    def hide(self, job_id: str) -> None:
        """Take an ended job off every list; its row stays for the ledger."""
        self._set(job_id, "hidden", 1)

    def set_name(self, job_id: str, name: str) -> None:
        """Give a job another name."""
        self._set(job_id, "name", name)

    def _set(self, job_id: str, column: str, value: Field) -> None:
        """Change a column of a job in whatever state it is."""
        with self.database.transaction() as connection:
            connection.execute(
                f"UPDATE job SET {column} = ?, revision = ? WHERE job_id = ?",
                (connection.redacted(column, value), self.database.next_revision(), job_id),
            )

    def _select(self, clause: str, values: Sequence[Field]) -> list[Job]:
        return [_job(row) for row in self.database.connection.execute(f"{_SELECT} {clause}", values)]

    def _write(self, job_id: str, status: Status, changes: Mapping[str, Field]) -> bool:
        unknown = set(changes) - _CHANGEABLE - {"status"}
        if unknown:
            raise ValueError(f"not a column that may change: {sorted(unknown)}")
        assignments = ", ".join(f"{name} = ?" for name in changes)
        with self.database.transaction() as connection:
            cursor = connection.execute(
                f"UPDATE job SET {assignments}, revision = ?, updated_at = ? WHERE job_id = ? AND status = ?",
                (
                    *(connection.redacted(*change) for change in changes.items()),
                    self.database.next_revision(),
                    time.time(),
                    job_id,
                    status.value,
                ),
            )
            return cursor.rowcount == 1


def _job(row: sqlite3.Row) -> Job:
    values = dict(zip((*_COLUMNS, "row"), row, strict=True))
    values["status"] = Status(values["status"])
    # As `Job(**values)`, which sets each field by a call of its own: Blender reads hundreds of rows within one tick.
    job = object.__new__(Job)
    job.__dict__.update(values)
    return job
