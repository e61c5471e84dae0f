"""Finished jobs on their way into a scene: claimed in the store, delivered, given back when that failed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import bpy

from ..client.errors import TripoError
from ..client.states import Status
from ..preferences import get_preferences
from .trouble import log

if TYPE_CHECKING:
    from ..client.home import Home
    from ..client.store import Job
    from .reading import Reader
    from .scenes import SceneNames


class Claims:
    """Decides what is delivered into this file. A claim is one compare-and-set in the store: of two Blenders one
    delivers."""

    def __init__(self, home: Home, reader: Reader, scenes: SceneNames) -> None:
        self.home = home
        self.reader = reader
        self.scenes = scenes
        self.refused: set[str] = set()
        """Jobs whose delivery failed here; they are not tried again by themselves."""
        self.arrived: list[str] = []
        """Names of the models that came by themselves and were not yet told of."""
        self._to_give_back: dict[str, str] = {}
        """Claimed jobs whose delivery failed, with the reason, until the store has taken them back."""

    @property
    def is_busy(self) -> bool:
        """Whether a job waits for its delivery here, for being given back, or for being told of."""
        return bool(self._to_give_back or self.arrived or self.deliverable())

    def deliverable(self) -> list[str]:
        """Return the ids of finished jobs that a scene of this file asked for, oldest first."""
        return [
            job_id
            for job_id, target in self.reader.ready.items()
            if job_id not in self.refused and self.scenes.has(target)
        ]

    def deliver_one(self) -> None:
        """Deliver the oldest job that can be; tell of the others before it what they wait for."""
        from . import delivery

        for job_id in self.deliverable():
            waits_for = delivery.waits_for()
            if waits_for:
                self.reader.mirror.set_note(job_id, waits_for)
                continue
            job = self.reader.jobs.get(job_id)
            scene = self.scenes.find(self.reader.ready[job_id])
            if job is None or scene is None:
                continue
            waits_for = delivery.waits_for_mode(self.home, job, scene)
            if waits_for:
                self.reader.mirror.set_note(job_id, waits_for)
                continue
            if not self.deliver(job, scene):
                self.arrived.append(job.name)
                self.reader.mirror.look_at_models()
            return

    def deliver(self, job: Job, scene: bpy.types.Scene) -> str:
        """Claim a finished job and put its model into a scene; return why it could not be done, or nothing."""
        from . import delivery

        reader = self.reader
        if not reader.jobs.transition(job.job_id, Status.READY, Status.IMPORTED, message="", used_at=time.time()):
            reader.touch()
            return "The job was imported or changed by another Blender at the same moment"
        reader.ready.pop(job.job_id, None)
        reader.touch()
        reader.mirror.set_note(job.job_id, "")
        try:
            delivery.deliver(self.home, job, scene, select=get_preferences(bpy.context).select_new)
        except Exception as error:
            reason = error.user_message if isinstance(error, TripoError) else f"The model cannot be imported ({error})"
            log(__name__).warning("delivery of %s failed", job.job_id, exc_info=not isinstance(error, TripoError))
            self.refused.add(job.job_id)
            self._to_give_back[job.job_id] = reason
            self.give_back()
            return reason
        self.refused.discard(job.job_id)
        return ""

    def give_back(self) -> None:
        """Undo the claim of what could not be delivered; raises sqlite3.Error, and is tried again then."""
        for job_id, reason in list(self._to_give_back.items()):
            self.reader.jobs.transition(job_id, Status.IMPORTED, Status.READY, message=reason)
            del self._to_give_back[job_id]
