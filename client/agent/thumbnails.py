# SPDX-License-Identifier: GPL-3.0-or-later
"""Make thumbnails: from the service's image where there is one, else from the model.

They come after everything else: a background Blender that may be needed for a model soon draws none, and one that is
in the middle of drawing is given up when a model arrives. A job without a thumbnail is no failure: what goes wrong is
logged, and that is all.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from .. import formats
from ..account import is_loopback_url
from ..errors import TripoError
from ..files.own_files import remove_file, remove_with_folder
from ..formats.byte_range import ByteRange
from ..formats.images import measure
from ..formats.notices import FileNotice
from ..service.download import discard, download
from ..service.exceptions import DownloadFailed
from ..service.notices import ServiceNotice
from .converter.queue import Converter
from .live_jobs import LiveJobs
from .messages import AboutThumbnail, NoThumbnail, ThumbnailFetched, ThumbnailMade
from .tasks import Work
from .worker_pool import WorkerPool

log = logging.getLogger(__name__)

MOST_BYTES = 4 << 20
MOST_PIXELS = 4096 * 4096
KINDS = ("image/png", "image/jpeg", "image/webp")
MOST_INTERRUPTIONS = 5
LOOK_BACK_SECONDS = 24 * 3600.0
LOOK_BACK_JOBS = 10


@dataclass
class _Request:
    """One thumbnail that is still to be made; ``link`` and then ``file`` are the service's own image, if any."""

    not_before: float
    link: str = ""
    file: Path | None = None
    interruptions: int = 0


class Thumbnails:
    """Makes thumbnails, one at a time. Used by the main loop; ``may_fetch`` is asked from a download's thread."""

    def __init__(self, live_jobs: LiveJobs, work: Work, converter: Converter, may_fetch: Callable[[], bool]) -> None:
        self.live_jobs = live_jobs
        self.work = work
        self.converter = converter
        self._may_fetch = may_fetch
        self._pool: WorkerPool | None = None
        self._requests: dict[str, _Request] = {}
        self._fetching = ""
        self._drawing = ""
        self._alone_since: float | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a thumbnail is still to be made."""
        return bool(self._requests)

    def request(self, job_id: str, link: str) -> None:
        """Make a thumbnail of a job's model soon; ``link`` is the address of the service's own, if it has one."""
        self._requests[job_id] = _Request(time.monotonic() + self.work.timings.thumbnail_delay, link)

    def request_missing(self) -> None:
        """Take up what an agent before this one did not get round to; raises sqlite3.Error."""
        live_jobs = self.live_jobs
        since = time.time() - LOOK_BACK_SECONDS
        for job_id in live_jobs.jobs.without_thumbnail(live_jobs.account_id, since, LOOK_BACK_JOBS):
            self.request(job_id, "")

    def step(self, now: float, *, may_draw: bool, must_stop: bool) -> None:
        """Begin what can be begun; a drawing in progress makes room when a model is on its way."""
        if must_stop and self._drawing:
            self.converter.make_room()
        self._give_up_when_alone(now)
        for job_id, request in self._requests.items():
            if now < request.not_before or job_id in (self._drawing, self._fetching):
                continue
            if request.link and not self.live_jobs.online:
                request.link = ""
            if request.link:
                self._fetch(job_id, request.link)
            elif may_draw and not self._drawing:
                self._draw(job_id, request)

    def finish(self, message: AboutThumbnail) -> None:
        """Write the outcome of a thumbnail; within a transaction, and again when that failed."""
        job_id = message.job_id
        match message:
            case ThumbnailFetched(_, path):
                self._fetching = ""
                request = self._requests.get(job_id)
                if request is None:
                    remove_file(path)
                else:
                    request.link, request.file = "", path
            case ThumbnailMade():
                self._write(job_id)
                self._drawing = ""
                self._forget(job_id)
            case NoThumbnail():
                self._failed(message)

    def _write(self, job_id: str) -> None:
        path = self.work.home.thumbnail(job_id)
        job = self.live_jobs.jobs.get(job_id)
        if job is None or job.hidden or not job.blend:
            remove_with_folder(path)  # cleared from the cache meanwhile
            return
        name = path.relative_to(self.work.home.root).as_posix()
        self.live_jobs.jobs.update(job_id, job.status, thumbnail=name)

    def _failed(self, message: NoThumbnail) -> None:
        job_id, request = message.job_id, self._requests.get(message.job_id)
        was_fetching = self._fetching == job_id
        self._fetching = "" if was_fetching else self._fetching
        self._drawing = "" if self._drawing == job_id else self._drawing
        if request is None:
            return
        if message.again and request.interruptions < MOST_INTERRUPTIONS:
            request.interruptions += 1
            request.not_before = time.monotonic() + self.work.timings.thumbnail_delay
            return
        log.info("no thumbnail of %s: %s", job_id, message.reason)
        if was_fetching:
            request.link = ""
        elif request.file is not None:
            remove_file(request.file)
            request.file = None
        else:
            self._forget(job_id)

    def _forget(self, job_id: str) -> None:
        request = self._requests.pop(job_id, None)
        if request is not None and request.file is not None:
            remove_file(request.file)

    def _give_up_when_alone(self, now: float) -> None:
        """An agent that has nothing else to do does not stay for ever."""
        if self.live_jobs.live or not self._requests:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        elif now - self._alone_since > self.work.timings.thumbnails_alone:
            log.info("%d thumbnails are left out: they take too long", len(self._requests))
            self.converter.make_room()
            for job_id in list(self._requests):
                self._forget(job_id)

    def _draw(self, job_id: str, request: _Request) -> None:
        job = self.live_jobs.jobs.get(job_id)
        source = request.file if request.file is not None else self.work.home.root / (job.blend if job else "")
        if job is None or job.hidden or not job.blend or not source.is_file():
            request.interruptions = MOST_INTERRUPTIONS
            self.work.report(NoThumbnail(job_id, "its file is gone"))
        else:
            self.converter.draw(job_id, source, is_model=request.file is None)
        self._drawing = job_id

    def _fetch(self, job_id: str, link: str) -> None:
        if self._pool is None:
            self._pool = WorkerPool("thumbnail", 1)
        if not self._pool.has_room or self._fetching:
            return
        self._fetching = job_id
        self._pool.start(lambda: self.work.report(fetch(self.work, job_id, link, self._may_fetch)))


def fetch(work: Work, job_id: str, link: str, may_go_on: Callable[[], bool]) -> AboutThumbnail:
    """Download the service's image and check its header, by the same rules as a model but with a small size limit."""
    path = work.home.downloads / f"{job_id}.thumbnail"
    part = path.with_suffix(".thumbnailpart")

    def progress(_done: int, _whole: int | None) -> None:
        if not may_go_on():
            raise DownloadFailed(ServiceNotice.BROKE_OFF)

    seconds = work.timings.thumbnail
    timings = replace(work.timings, longest_connection=seconds, silence=min(work.timings.silence, seconds))
    loopback = is_loopback_url(work.client.account.api_url)
    try:
        download(link, part, path, progress=progress, max_bytes=MOST_BYTES, timings=timings, loopback=loopback)
        with path.open("rb") as stream:
            image = measure(ByteRange(stream, 0, path.stat().st_size))
        if image is None or image.mime not in KINDS or image.width * image.height > MOST_PIXELS:
            raise formats.NotAModel(FileNotice.NO_IMAGE)
    except (TripoError, formats.FormatError, OSError) as error:
        reason = type(error).__name__ if isinstance(error, OSError) else str(error)
    except Exception:
        log.exception("the thumbnail of %s went wrong", job_id)
        reason = "an error"
    else:
        return ThumbnailFetched(job_id, path)
    with contextlib.suppress(OSError):
        discard(part)
    remove_file(path)
    return NoThumbnail(job_id, reason)
