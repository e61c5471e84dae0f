# SPDX-License-Identifier: GPL-3.0-or-later
"""Claim jobs for this Blender, and write how their delivery ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..client.store import is_database_error
from ..client.store.claims import ClaimTable, new_owner
from .log import log

if TYPE_CHECKING:
    from ..client.notices import Notice
    from ..client.store import Database, Job

_OWNER = new_owner()
"""This process's name in claims, whatever session it has open."""


class Claims:
    """The claims of this Blender. They outlive the file: the store has yet to hear of models in an earlier one."""

    def __init__(self, database: Database) -> None:
        self._table = ClaimTable(database, _OWNER)
        self._delivered: dict[str, Notice | None] = {}
        """Jobs whose model is in the scene, and what is to be said of it, until the store knows it."""
        self._failed: dict[str, Notice] = {}
        """Claimed jobs whose delivery failed, with the reason, until the store has taken them back."""

    @property
    def is_unwritten(self) -> bool:
        """Whether the store has yet to hear how a delivery ended."""
        return bool(self._delivered or self._failed)

    def is_delivered(self, job_id: str) -> bool:
        """Whether a job's model is in the scene and the store does not know it yet."""
        return job_id in self._delivered

    def is_held(self, job: Job) -> bool:
        """Whether another Blender is importing the job."""
        return self._table.is_held(job)

    def claim(self, job_id: str) -> bool:
        """Claim a READY job; False when it is not, or when another Blender is importing it. Raises sqlite3.Error."""
        return self._table.claim(job_id)

    def fail(self, job_id: str, reason: Notice) -> None:
        """Release a job whose model could not be put into the scene. Raises sqlite3.Error; ``write`` does it later."""
        self._failed[job_id] = reason
        self.write()

    def succeed(self, job_id: str, note: Notice | None) -> None:
        """Note that a model is in the scene, and what to say of it. Without a store, ``write`` does that later."""
        self._delivered[job_id] = note
        try:
            self.write()
        except Exception as error:
            if not is_database_error(error):
                raise
            log(__name__).warning("the store does not know yet that a model has arrived: %s", error)

    def write(self) -> bool:
        """Write how deliveries ended; return whether there was anything to write. Raises sqlite3.Error."""
        was_unwritten = self.is_unwritten
        for job_id, note in list(self._delivered.items()):
            self._table.finish(job_id, note)
            del self._delivered[job_id]
        for job_id, reason in list(self._failed.items()):
            self._table.release(job_id, reason)
            del self._failed[job_id]
        return was_unwritten
