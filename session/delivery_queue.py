# SPDX-License-Identifier: GPL-3.0-or-later
"""Claim finished jobs, deliver them, and release the claim on failure.

A job is READY until its model is in the scene: a Blender that dies in between leaves it to the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..client.errors import TripoError
from ..client.jobs.notices import JobNotice
from ..client.jobs.states import Status
from ..client.notices import N_, Notice, text
from ..properties.preferences import get_preferences
from . import delivery
from .delivery import waiting
from .log import log

if TYPE_CHECKING:
    from ..client.paths import Home
    from ..client.store import Job
    from .claims import Claims
    from .delivery.asset import UnfinishedAssets
    from .scene_tokens import SceneTokens
    from .store_reader import StoreReader


class DeliveryQueue:
    """Decides what is delivered into this file. A claim is one compare-and-set in the store: of two Blenders one
    delivers."""

    def __init__(
        self, home: Home, reader: StoreReader, scenes: SceneTokens, assets: UnfinishedAssets, claims: Claims
    ) -> None:
        self.home = home
        self.reader = reader
        self.scenes = scenes
        self.assets = assets
        self.claims = claims
        self.refused: set[str] = set()
        """Jobs whose delivery failed here; they are not tried again by themselves."""
        self._made_again: set[str] = set()
        """Jobs that were given back to the converter; one whose file is gone once more waits for a person."""
        self.arrived: list[Notice] = []
        """What is to be told of the models that came by themselves."""
        self.note: Notice | None = None
        """What is to be said of the last model that was delivered."""

    @property
    def is_busy(self) -> bool:
        """Whether a job waits for its delivery here, for the store to hear of it, or for being told of."""
        return bool(self.claims.is_unwritten or self.arrived or self.deliverable())

    def deliverable(self) -> list[str]:
        """Return the ids of finished jobs that a scene of this file asked for, oldest first."""
        return [
            job_id
            for job_id, target in self.reader.ready.items()
            if job_id not in self.refused and not self.claims.is_delivered(job_id) and self.scenes.has(target)
        ]

    def deliver_one(self) -> None:
        """Deliver the oldest job that can be delivered; show on those before it what they wait for."""
        for job_id in self.deliverable():
            waits_for = waiting.waits_for()
            if waits_for:
                self.reader.job_list.set_note(job_id, waits_for)
                continue
            job = self.reader.jobs.get(job_id)
            scene = self.scenes.find(self.reader.ready[job_id])
            if job is None or scene is None or self.claims.is_held(job):
                continue
            if self._make_again(job):
                return
            waits_for = waiting.waits_for_mode(job, scene)
            if waits_for:
                self.reader.job_list.set_note(job_id, waits_for)
                continue
            if not self.deliver(job, scene):
                words = (
                    N_("The model has arrived: {name} ({note})") if self.note else N_("The model has arrived: {name}")
                )
                self.arrived.append(text(words, name=job.name, note=self.note))
                self.reader.job_list.refresh_models()
            return

    def _make_again(self, job: Job) -> bool:
        """Have the converter prepare a model anew whose prepared file is gone; return whether it does. It is delivered
        by itself then. Raises sqlite3.Error."""
        account = self.reader.account
        if delivery.is_prepared(self.home, job) or not delivery.has_file(self.home, job):
            return False
        if account is None or account.account_id != job.account_id or job.job_id in self._made_again:
            return False
        said = JobNotice.CONVERTING
        self.reader.jobs.transition(job.job_id, Status.READY, Status.CONVERTING, message=said, error="")
        self._made_again.add(job.job_id)
        self.reader.touch()
        return True

    def deliver(self, job: Job, scene: bpy.types.Scene) -> Notice | None:
        """Claim a finished job and put its model into a scene; return why it could not be done, if so."""
        reader = self.reader
        if not self.claims.claim(job.job_id):
            reader.touch()
            return text(N_("The job was imported or changed by another Blender at the same moment"))
        reader.ready.pop(job.job_id, None)
        reader.touch()
        reader.job_list.set_note(job.job_id, "")
        try:
            select = get_preferences(bpy.context).select_new
            delivered = delivery.deliver(self.home, job, scene, self.assets, select=select)
        except Exception as error:
            if isinstance(error, TripoError):
                reason = error.notice
            else:
                reason = text(N_("The model cannot be imported ({reason})"), reason=str(error))
            log(__name__).warning("delivery of %s failed", job.job_id, exc_info=not isinstance(error, TripoError))
            self.refused.add(job.job_id)
            self.claims.fail(job.job_id, reason)
            return reason
        self.refused.discard(job.job_id)
        self.note = delivered.note
        self.claims.succeed(job.job_id, delivered.note)
        return None
