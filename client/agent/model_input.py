# SPDX-License-Identifier: GPL-3.0-or-later
"""Get the model of a mesh tool's request ready before it is submitted.

A selection is exported by the background Blender; the result of another job is waited for, which makes a chain. All of
it happens while the job is PREPARED: nothing was sent, so whoever takes over after a crash begins anew.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from ..errors import ErrorCode
from ..files.own_files import is_own_input
from ..jobs import model_source
from ..jobs.model_source import ModelSource
from ..jobs.notices import JobNotice
from ..jobs.request import GenerationRequest
from ..jobs.states import WITH_MODEL, WITHOUT_MODEL, Status
from ..notices import N_, Notice, notice, text
from ..paths import Home
from ..service.retry import Step
from ..store import Job
from .converter import notices
from .converter.queue import Converter
from .live_jobs import LiveJobs
from .messages import ModelExported

log = logging.getLogger(__name__)

_EXPORTED = ".glb"


def model_to_send(home: Home, job: Job, source: Job | None) -> Path | None:
    """Return the file to send for a job that names a selection or another job, its ``source``; None for others."""
    if job.prepared:
        return home.root / job.prepared
    return home.root / source.file if source is not None else None


class ModelInput:
    """Holds each job back until its model is there. Used by the main loop only."""

    def __init__(self, live_jobs: LiveJobs, home: Home, converter: Converter) -> None:
        self.live_jobs = live_jobs
        self._home = home
        self.converter = converter
        self._ready: dict[str, str] = {}
        """The requests whose models are there, by job."""
        self._exporting: set[str] = set()

    def step(self, now: float) -> None:
        """Start making the models that are missing; call before anything is submitted."""
        live_jobs = self.live_jobs
        waiting = [job for job in live_jobs.live if job.status is Status.PREPARED]
        self._ready = {job.job_id: self._ready.get(job.job_id, "") for job in waiting}
        for job in waiting:
            note = live_jobs.note(job)
            if note.busy is Step.EXPORT or self._ready[job.job_id] == job.request:
                continue
            model = model_of(job)
            note.is_held = model is not None and not self._is_there(job, model)
            if not note.is_held:
                self._ready[job.job_id] = job.request
        for job_id in self._exporting - self._ready.keys():
            self._exporting.discard(job_id)
            self.converter.drop(job_id)
            live_jobs.release(job_id)

    def finish(self, job: Job, message: ModelExported) -> None:
        """Write the outcome of an export; within a transaction."""
        self._exporting.discard(job.job_id)
        if job.status is not Status.PREPARED:  # cancelled meanwhile
            return
        if message.reason:
            log.warning("the model of job %s cannot be exported: %s", job.job_id, message.reason)
            self._fail(job, notices.not_exported(message.reason))
        else:
            self._has(job, message.path)

    def cannot_be_sent(self, job: Job) -> bool:
        """Whether a job waits for the service or for a person: nobody knows whether the job that makes its model was
        sent, or that job waits in the same way."""
        if job.status is not Status.PREPARED:
            return False
        source = self.live_jobs.jobs.get(job.source_job) if job.source_job else None
        waits = source is not None and (source.status is Status.UNCERTAIN or self.cannot_be_sent(source))
        return waits or job.error == ErrorCode.NOT_SENT

    def _is_there(self, job: Job, model: ModelSource) -> bool:
        """Whether the model can be sent; if not, start making it."""
        if job.prepared and (self._home.root / job.prepared).is_file():
            return True
        if model.job_id:
            return self._from_job(job, model.job_id)
        if model.objects:
            return self._from_selection(job, self._home.root / model.blend)
        return True  # a file or an address, which the submit checks

    def _from_selection(self, job: Job, blend: Path) -> bool:
        exported = blend.with_suffix(_EXPORTED)
        if not is_own_input(self._home, str(blend)):
            return self._fail(job, JobNotice.SELECTION_GONE)
        if exported.is_file():  # before the crash, or for another job of the same press
            return self._has(job, exported)
        if not blend.is_file():
            return self._fail(job, JobNotice.SELECTION_GONE)
        return self._export(job, blend, exported)

    def _from_job(self, job: Job, source_id: str) -> bool:
        source = self.live_jobs.jobs.get(source_id)
        if source is None:
            return self._fail(job, JobNotice.SOURCE_GONE)
        if source.status in WITHOUT_MODEL:
            cause = source.notice if source.message else text(N_("no reason given"))
            return self._end(job, notice(JobNotice.SOURCE_FAILED, name=source.name, cause=cause), Status.CANCELLED)
        if source.status not in WITH_MODEL:
            self.live_jobs.say(job, notice(JobNotice.WAITING_FOR, name=source.name), error="")
            return False
        file = self._home.root / source.file
        if source.file and file.is_file() and file.suffix in model_source.MIME_TYPES:
            return self._may_be_sent(job, file)
        blend = self._home.root / source.blend
        if source.blend and blend.is_file():  # an archive, or a format that the service does not take
            return self._export(job, blend, self._home.inputs / f"{os.urandom(16).hex()}{_EXPORTED}")
        return self._fail(job, JobNotice.SOURCE_GONE)

    def _export(self, job: Job, blend: Path, target: Path) -> bool:
        note = self.live_jobs.note(job)
        self.live_jobs.say(job, notice(JobNotice.PREPARING_MESH), error="")
        if not note.busy:
            note.busy = Step.EXPORT
            self._exporting.add(job.job_id)
            self.converter.export(job.job_id, blend, target)
        return False

    def _has(self, job: Job, path: Path) -> bool:
        """Write that a model is exported; return whether it may be sent."""
        prepared = path.relative_to(self._home.root).as_posix()
        self.live_jobs.jobs.update(job.job_id, Status.PREPARED, prepared=prepared, message="", error="")
        self.live_jobs.touch()
        return self._may_be_sent(job, path)

    def _may_be_sent(self, job: Job, path: Path) -> bool:
        problem = model_source.check_file(str(path))
        if problem is not None:
            return self._fail(job, problem.notice)
        if job.message:
            self.live_jobs.say(job, text(""), error="")
        return True

    def _fail(self, job: Job, said: Notice | JobNotice) -> bool:
        return self._end(job, said, Status.FAILED)

    def _end(self, job: Job, said: Notice | JobNotice, after: Status) -> bool:
        """End a job that was not sent; nothing was charged."""
        self.live_jobs.jobs.transition(job.job_id, Status.PREPARED, after, message=said, error=ErrorCode.NO_MODEL)
        self.live_jobs.touch()
        return False


def model_of(job: Job) -> ModelSource | None:
    """Return the model that a job's request names; None without one, and when the request cannot be read."""
    request = GenerationRequest.read(job.request)
    return None if request is None else request.model  # the submit says so
