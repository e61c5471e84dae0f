# SPDX-License-Identifier: GPL-3.0-or-later
"""Flatten the images of a job in the background Blender before it is submitted."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from ..errors import ErrorCode
from ..files.own_files import remove_file
from ..jobs.images import ImageSource, check_file, label_of, unique_file_name
from ..jobs.notices import JobNotice
from ..jobs.request import GenerationRequest
from ..jobs.states import Status
from ..notices import Notice, notice
from ..paths import Home
from ..service.retry import Step
from ..store import Job
from .converter.orders import ImageToFlatten
from .converter.queue import Converter
from .live_jobs import LiveJobs
from .messages import ImagesFlattened

log = logging.getLogger(__name__)


class Flattening:
    """Sees to it that no job is submitted before its images are as they are to be sent. Used by the main loop only.

    A job waits as PREPARED: nothing was sent, so whoever takes over after a crash begins anew.
    """

    def __init__(self, live_jobs: LiveJobs, home: Home, converter: Converter) -> None:
        self.live_jobs = live_jobs
        self._home = home
        self.converter = converter
        self._checked: dict[str, str] = {}
        """The requests that have nothing left to flatten, by job."""

    def step(self, now: float) -> None:
        """Start flattening the images that still need it; call before anything is submitted."""
        live_jobs = self.live_jobs
        waiting = [job for job in live_jobs.live if job.status is Status.PREPARED]
        self._checked = {job.job_id: self._checked.get(job.job_id, "") for job in waiting}
        for job in waiting:
            if self._checked[job.job_id] == job.request or not live_jobs.is_due(job, now):
                continue
            images = [image for image in _images(job) if _is_to_do(image)]
            if not images:
                self._checked[job.job_id] = job.request
                continue
            live_jobs.note(job).busy = Step.FLATTEN
            live_jobs.jobs.update(job.job_id, Status.PREPARED, message=JobNotice.FLATTENING)
            live_jobs.touch()
            orders = [
                ImageToFlatten(image.slot, Path(image.path), self._new_path(image.path), image.background)
                for image in images
            ]
            self.converter.flatten(job.job_id, orders)

    def finish(self, job: Job, message: ImagesFlattened) -> None:
        """Write the outcome; within a transaction."""
        if job.status is not Status.PREPARED:  # cancelled meanwhile
            for path in message.copies.values():
                remove_file(path)
            return
        request = GenerationRequest.from_json(job.request)
        copies = {slot: str(path) for slot, path in message.copies.items()}
        images = tuple(image._replace(sent=copies.get(image.slot, image.sent)) for image in request.images)
        text = request._replace(images=images).to_json()
        if not message.reason:
            self.live_jobs.jobs.update(job.job_id, Status.PREPARED, request=text, message="", error="")
            return
        log.warning("an image of job %s cannot be flattened: %s", job.job_id, message.reason)
        self.live_jobs.jobs.transition(
            job.job_id,
            Status.PREPARED,
            Status.FAILED,
            request=text,
            message=_reason(images),
            error=ErrorCode.NOT_FLATTENED,
        )

    def _new_path(self, path: str) -> Path:
        return self._home.inputs / unique_file_name(label_of(path), os.urandom(16).hex(), ".jpg")


def _images(job: Job) -> tuple[ImageSource, ...]:
    request = GenerationRequest.read(job.request)
    return () if request is None else request.images  # the submit says so


def _reason(images: tuple[ImageSource, ...]) -> Notice:
    problems = (check_file(image.slot, image.path, any_size=True) for image in images if _is_to_do(image))
    return next((problem.notice for problem in problems if problem), notice(JobNotice.NOT_FLATTENED))


def _is_to_do(image: ImageSource) -> bool:
    return bool(image.flatten and image.path) and not (image.sent and os.path.isfile(image.sent))
