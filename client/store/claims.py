# SPDX-License-Identifier: GPL-3.0-or-later
"""Claim a finished model for one of several Blenders; mark it IMPORTED once it is there.

A claim is a note on a READY job. It ends with its Blender: what a dead one held may be claimed by the next. Times are
the machine's clock's, as for leases.
"""

from __future__ import annotations

import os
import time
from typing import TypeGuard

from .. import machine_clock
from ..jobs.states import Status
from ..notices import Notice
from .database import Database
from .jobs import Job, JobTable
from .processes import is_running

CLAIM_SECONDS = 120.0
"""How long a claim holds at most. Appending takes seconds; by then its process id may be another program's."""


def new_owner() -> str:
    """Return a name for this Blender in claims: its process id, and digits that are only its."""
    return f"{os.getpid()}-{os.urandom(4).hex()}"


def is_claimed(claimed_by: str, claimed_at: float | None, now: float) -> bool:
    """Whether somebody who lives holds a claim."""
    if not claimed_by or claimed_at is None or not 0.0 <= now - claimed_at < CLAIM_SECONDS:
        return False
    pid = claimed_by.partition("-")[0]
    return pid.isdecimal() and is_running(int(pid))


class ClaimTable:
    """Takes and gives back the claims of one Blender. Every method raises sqlite3.Error."""

    def __init__(self, database: Database, owner: str) -> None:
        self.database = database
        self.jobs = JobTable(database)
        self.owner = owner

    def is_held(self, job: Job) -> bool:
        """Whether another Blender is importing the job."""
        return job.claimed_by != self.owner and is_claimed(job.claimed_by, job.claimed_at, machine_clock.now())

    def claim(self, job_id: str) -> bool:
        """Claim a READY job; False when it is not, or when another Blender is importing it."""
        with self.database.transaction() as connection:
            job = self.jobs.get(job_id)
            if job is None or job.status is not Status.READY or self.is_held(job):
                return False
            # No new revision: nothing that is shown of the job has changed.
            connection.execute(
                "UPDATE job SET claimed_by = ?, claimed_at = ? WHERE job_id = ?",
                (self.owner, machine_clock.now(), job_id),
            )
        return True

    def release(self, job_id: str, reason: Notice) -> None:
        """Release a job whose model could not be put into the scene."""
        with self.database.transaction():
            if self._holds(self.jobs.get(job_id)):
                self.jobs.update(job_id, Status.READY, message=reason, claimed_by="", claimed_at=None)

    def finish(self, job_id: str, note: Notice | None = None) -> bool:
        """Write that the model is in the scene, and ``note`` of how or what it lacks; False when somebody has changed
        the job meanwhile."""
        with self.database.transaction():
            job = self.jobs.get(job_id)
            return self._holds(job) and self.jobs.transition(
                job_id,
                Status.READY,
                Status.IMPORTED,
                message=note or job.incomplete,
                used_at=time.time(),
                claimed_by="",
                claimed_at=None,
            )

    def _holds(self, job: Job | None) -> TypeGuard[Job]:
        return job is not None and job.claimed_by == self.owner


def release_dead(database: Database) -> None:
    """Release what Blenders that are gone had claimed; raises sqlite3.Error."""
    rows = database.connection.execute(
        "SELECT job_id, claimed_by, claimed_at FROM job WHERE claimed_by != ''"
    ).fetchall()
    now = machine_clock.now()
    for row in rows:
        if not is_claimed(row["claimed_by"], row["claimed_at"], now):
            database.connection.execute(
                "UPDATE job SET claimed_by = '', claimed_at = NULL WHERE job_id = ? AND claimed_by = ?",
                (row["job_id"], row["claimed_by"]),
            )
