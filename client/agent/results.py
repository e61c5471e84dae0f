# SPDX-License-Identifier: GPL-3.0-or-later
"""Download results and have them converted."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ..files.own_files import is_own_input
from ..files.saved_copy import is_saved
from ..jobs.notices import JobNotice
from ..jobs.outcome import TRANSFER, Outcome, outcome_of
from ..jobs.placement import Placement, needs_blend
from ..jobs.states import Status
from ..notices import notice
from ..service.download import discard
from ..service.retry import Step
from ..store import Job
from . import notices
from .converter.queue import Converter
from .lease_keeper import LeaseKeeper
from .live_jobs import LiveJobs
from .messages import Extra, Shelved, WasConverted, WasSaved
from .model_input import model_of
from .polling.forecast import forecast
from .shelf import Shelf
from .tasks import Work, part_path
from .thumbnails import Thumbnails
from .transitions import JobTransitions
from .worker_pool import WorkerPool

DOWNLOAD_THREADS = 3
SAY_SECONDS = 1.0
OVERDUE_SECONDS = 600.0
"""A task that is overdue for this long keeps no converter waiting any more."""
_IN_HAND = frozenset({Status.DOWNLOADING, Status.CONVERTING})


class Results:
    """Hands out downloads and conversions. Used by the main loop, except ``may_continue``."""

    def __init__(
        self,
        live_jobs: LiveJobs,
        work: Work,
        converter: Converter,
        transitions: JobTransitions,
        lease_keeper: LeaseKeeper,
    ) -> None:
        self.live_jobs = live_jobs
        self.work = work
        self.converter = converter
        self.transitions = transitions
        self.lease_keeper = lease_keeper
        self.thumbnails = Thumbnails(live_jobs, work, converter, self._may_fetch)
        self.shelf = Shelf(live_jobs, work, converter)
        self.stopped = False
        self._pool = WorkerPool("download", DOWNLOAD_THREADS)
        self._downloads: set[str] = set()
        self._converting: set[str] = set()
        self._converter_wanted = 0.0

    @property
    def is_downloading(self) -> bool:
        """Whether a download, or the copy of one, has not reported yet."""
        return bool(self._downloads)

    def step(self, now: float) -> None:
        """Start what can be started, and stop what is not wanted any more."""
        for job in self.live_jobs.live:
            if job.status is Status.DOWNLOADING:
                self._download(job, now)
            elif job.status is Status.CONVERTING:
                self._convert(job, now)
        wanted = {job.job_id for job in self.live_jobs.live if job.status is Status.CONVERTING}
        for job_id in self._converting - wanted:
            self.converter.drop(job_id)
            self._converting.discard(job_id)
            self.live_jobs.release(job_id)
        self._start_or_stop_converter(now)

    def ended(self, job_id: str) -> None:
        """Take note that a download or a conversion has reported."""
        self._downloads.discard(job_id)
        self._converting.discard(job_id)

    @property
    def has_extras(self) -> bool:
        """Whether a thumbnail is to be made, or a model to be put on the shelf."""
        return self.thumbnails.is_busy or self.shelf.is_busy

    def finish_extra(self, message: Extra) -> None:
        """Write the outcome of one; within a transaction, and again when that failed."""
        if isinstance(message, Shelved):
            self.shelf.finish(message, time.monotonic())
        else:
            self.thumbnails.finish(message)

    def converted(self, job: Job) -> None:
        """Have the thumbnail of a converted model made; what was baked is seen on its object."""
        if job.shelf:  # its file is a new one
            self.live_jobs.jobs.update(job.job_id, Status.READY, shelf="")
        if job.kind != TRANSFER:
            self.thumbnails.request(job.job_id, self.live_jobs.note(job).thumbnail)

    def stopped_early(self, job_id: str) -> None:
        """Keep what a stopped download has brought, unless its job does not want it any more."""
        if not self.live_jobs.is_wanted(job_id):
            discard(part_path(self.work.home, job_id))

    def may_continue(self, job_id: str, done: int, whole: int | None) -> bool:
        """Asked from a download's thread: may it go on?"""
        live_jobs = self.live_jobs
        if not self._may_fetch() or not live_jobs.is_wanted(job_id):
            return False
        live_jobs.note_download(job_id, done, whole)
        return True

    def _may_fetch(self) -> bool:
        return not self.stopped and self.live_jobs.online and self.lease_keeper.is_ours()

    def _download(self, job: Job, now: float) -> None:
        live_jobs, note, job_id = self.live_jobs, self.live_jobs.note(job), job.job_id
        if note.busy is Step.DOWNLOAD and now - note.said_at > SAY_SECONDS and note.fetched[0]:
            note.said_at = now
            live_jobs.say(job, notices.downloading(*note.fetched))
        if not (live_jobs.online and note.link and live_jobs.is_due(job, now) and self._pool.has_room):
            return
        note.busy = Step.DOWNLOAD
        note.fetched = (0, None)
        note.said_at = now
        self._downloads.add(job_id)
        link = note.link
        self._pool.start(
            lambda: self.work.fetch(job_id, link, lambda done, whole: self.may_continue(job_id, done, whole))
        )

    def _convert(self, job: Job, now: float) -> None:
        if not self.live_jobs.is_due(job, now):
            return
        if not (self.work.home.root / job.file).is_file():
            self.transitions.lost(job)
            self.live_jobs.touch()
            return
        note = self.live_jobs.note(job)
        if note.not_saved is None and not is_saved(job.kind, job.placement):
            self._save(job)
            return
        if not needs_blend(job.kind, job.placement):
            self.transitions.converted(job, WasConverted(job.job_id, "", note.not_saved))
            note.not_saved = None
            self.live_jobs.touch()
            return
        note.busy, note.not_saved = Step.CONVERT, None
        self._converting.add(job.job_id)
        self.converter.convert(job.job_id, job.file, job.name, self._options(job))

    def _options(self, job: Job) -> dict[str, Any]:
        """Return what the converter has to know of a job besides its file."""
        placement = Placement.from_json(job.placement)
        if job.kind == TRANSFER:
            return {"onto": len(placement.original.names) if placement.original is not None else 0}
        options, outcome = placement.conversion, outcome_of(job.kind)
        if outcome is not Outcome.NEW_MODEL:
            options.pop("budget", None)
        if outcome is Outcome.PARTS:
            options["separate"] = True
        bakes = outcome is Outcome.SAVED_FILE and placement.bake_look
        if (outcome is Outcome.NEW_LOOK or bakes) and (original := self._original(job)) is not None:
            options["bake_from" if bakes else "original"] = str(original)
        return options

    def _original(self, job: Job) -> Path | None:
        """Return the ``.blend`` of the objects that a job works on, if it is still there."""
        home, model = self.work.home, model_of(job)
        if model is None:
            return None
        if model.blend:
            blend = home.root / model.blend
            return blend if is_own_input(home, str(blend)) and blend.is_file() else None
        source = self.live_jobs.jobs.get(model.job_id) if model.job_id else None
        blend = home.root / source.blend if source is not None and source.blend else None
        return blend if blend is not None and blend.is_file() else None

    def _save(self, job: Job) -> None:
        if not self._pool.has_room:
            return
        self.live_jobs.note(job).busy = Step.SAVE
        self.live_jobs.jobs.update(job.job_id, Status.CONVERTING, message=notice(JobNotice.SAVING))
        self.live_jobs.touch()
        self._downloads.add(job.job_id)
        self._pool.start(lambda: self.work.save(job))

    def saved(self, job: Job, message: WasSaved) -> None:
        """Note that the file is where the artist wants it, so that it is saved once; or why it is not."""
        self.live_jobs.note(job).not_saved = message.reason
        if message.path:
            placement = Placement.from_json(job.placement)._replace(saved=message.path).to_json()
            said = notice(JobNotice.CONVERTING)
            self.live_jobs.jobs.update(job.job_id, Status.CONVERTING, placement=placement, message=said)

    def _start_or_stop_converter(self, now: float) -> None:
        """Have a background Blender up shortly before it is needed, and no longer than that: it takes 700 MB."""
        busy = self._converting or any(
            job.status in _IN_HAND and self._needs_converter(job, now) for job in self.live_jobs.live
        )
        needed = bool(busy) or any(self._needs_converter(job, now) for job in self.live_jobs.live)
        self.thumbnails.step(now, may_draw=not needed, must_stop=bool(busy))
        self.shelf.step(now, may_work=not needed and not self.thumbnails.is_busy, must_stop=bool(busy))
        if needed:
            self._converter_wanted = now
            self.converter.warm_up()
        elif self.has_extras:
            self._converter_wanted = now
        elif now - self._converter_wanted > self.work.timings.converter_idle or not self.live_jobs.live:
            self.converter.rest()

    def _needs_converter(self, job: Job, now: float) -> bool:
        """Whether there is something to convert soon, as far as can be told: not while the service, the storage or the
        disk is waited for, and not for a task that is long overdue."""
        note, timings = self.live_jobs.note(job), self.work.timings
        if not needs_blend(job.kind, job.placement):
            return False
        if job.status is Status.CONVERTING:
            return note.not_before - now < timings.converter_ahead
        if not self.live_jobs.online:
            return False
        if job.status is Status.DOWNLOADING:
            return not note.is_in_trouble or (note.busy is Step.DOWNLOAD and note.fetched[0] > 0)
        finishes_at = self._finishes_at(job)
        if finishes_at is None or note.is_in_trouble:
            return False
        return -OVERDUE_SECONDS < finishes_at - now < timings.converter_ahead

    def _finishes_at(self, job: Job) -> float | None:
        """Return when the service is expected to be done; None while nothing is known but the submission.

        Until it has said anything, jobs like this one tell: a short one may be finished at the first look.
        """
        note = self.live_jobs.note(job)
        if job.status is Status.RUNNING and note.finishes_at is not None:
            return note.finishes_at
        if job.status not in (Status.QUEUED, Status.RUNNING):
            return None
        history = self.live_jobs.history(job)
        return forecast(note.began, (), history).expected_finish if history else None
