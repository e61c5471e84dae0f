# SPDX-License-Identifier: GPL-3.0-or-later
"""Claim finished jobs, deliver them, and release the claim on failure.

A job is READY until its model is in the scene: a Blender that dies in between leaves it to the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..client.errors import TripoError
from ..client.jobs.states import Status
from ..properties.preferences import get_preferences
from .log import log

if TYPE_CHECKING:
    from ..client.paths import Home
    from ..client.store import Job
    from .scene_tokens import SceneTokens
    from .store_reader import StoreReader


class DeliveryQueue:
    """Decides what is delivered into this file. A claim is one compare-and-set in the store: of two Blenders one
    delivers."""

    _owner = ""
    """This process in claims, whatever session it has open."""

    def __init__(self, home: Home, reader: StoreReader, scenes: SceneTokens) -> None:
        from ..client.store.claims import ClaimTable, new_owner

        DeliveryQueue._owner = DeliveryQueue._owner or new_owner()
        self.table = ClaimTable(reader.database, DeliveryQueue._owner)
        self.home = home
        self.reader = reader
        self.scenes = scenes
        self.refused: set[str] = set()
        """Jobs whose delivery failed here; they are not tried again by themselves."""
        self._made_again: set[str] = set()
        """Jobs that were given back to the converter; one whose file is gone once more waits for a person."""
        self.arrived: list[str] = []
        """Names of the models that came by themselves and were not yet told of."""
        self._to_give_back: dict[str, str] = {}
        """Claimed jobs whose delivery failed, with the reason, until the store has taken them back."""
        self._delivered: dict[str, str] = {}
        """Jobs whose model is in the scene, and what is to be said of it, until the store knows it."""

    @property
    def is_busy(self) -> bool:
        """Whether a job waits for its delivery here, for the store to hear of it, or for being told of."""
        return bool(self._to_give_back or self._delivered or self.arrived or self.deliverable())

    def deliverable(self) -> list[str]:
        """Return the ids of finished jobs that a scene of this file asked for, oldest first."""
        return [
            job_id
            for job_id, target in self.reader.ready.items()
            if job_id not in self.refused and job_id not in self._delivered and self.scenes.has(target)
        ]

    def deliver_one(self) -> None:
        """Deliver the oldest job that can be; tell of the others before it what they wait for."""
        from . import delivery

        for job_id in self.deliverable():
            waits_for = delivery.waits_for()
            if waits_for:
                self.reader.job_list.set_note(job_id, waits_for)
                continue
            job = self.reader.jobs.get(job_id)
            scene = self.scenes.find(self.reader.ready[job_id])
            if job is None or scene is None or self.table.is_held(job):
                continue
            if self._make_again(job):
                return
            waits_for = delivery.waits_for_mode(job, scene)
            if waits_for:
                self.reader.job_list.set_note(job_id, waits_for)
                continue
            if not self.deliver(job, scene):
                self.arrived.append(job.name)
                self.reader.job_list.look_at_models()
            return

    def _make_again(self, job: Job) -> bool:
        """Have the converter prepare a model anew whose prepared file is gone; return whether it does. It is delivered
        by itself then. Raises sqlite3.Error."""
        from . import delivery

        account = self.reader.account
        if delivery.is_prepared(self.home, job) or not delivery.has_file(self.home, job):
            return False
        if account is None or account.account_id != job.account_id or job.job_id in self._made_again:
            return False
        message = "Making it ready again"
        self.reader.jobs.transition(job.job_id, Status.READY, Status.CONVERTING, message=message, error="")
        self._made_again.add(job.job_id)
        self.reader.touch()
        return True

    def deliver(self, job: Job, scene: bpy.types.Scene) -> str:
        """Claim a finished job and put its model into a scene; return why it could not be done, or nothing."""
        from . import delivery

        reader = self.reader
        if not self.table.take(job.job_id):
            reader.touch()
            return "The job was imported or changed by another Blender at the same moment"
        reader.ready.pop(job.job_id, None)
        reader.touch()
        reader.job_list.set_note(job.job_id, "")
        try:
            delivered = delivery.deliver(self.home, job, scene, select=get_preferences(bpy.context).select_new)
        except Exception as error:
            reason = error.user_message if isinstance(error, TripoError) else f"The model cannot be imported ({error})"
            log(__name__).warning("delivery of %s failed", job.job_id, exc_info=not isinstance(error, TripoError))
            self.refused.add(job.job_id)
            self._to_give_back[job.job_id] = reason
            self.settle()
            return reason
        self.refused.discard(job.job_id)
        self._delivered[job.job_id] = delivered.note
        self._settle_soon()
        return ""

    def settle(self) -> None:
        """Write what became of claims: a model that is in the scene, a job that could not be delivered.

        Raises sqlite3.Error, and is tried again then.
        """
        for job_id, note in list(self._delivered.items()):
            self.table.finish(job_id, note)
            del self._delivered[job_id]
            self.reader.touch()
        for job_id, reason in list(self._to_give_back.items()):
            self.table.give_back(job_id, reason)
            del self._to_give_back[job_id]
            self.reader.touch()

    def _settle_soon(self) -> None:
        """Do it now or, while the store cannot be written, with the next ticks: the model has arrived."""
        from ..client.store import is_database_error

        try:
            self.settle()
        except Exception as error:
            if not is_database_error(error):
                raise
            log(__name__).warning("the store does not know yet that a model has arrived: %s", error)
