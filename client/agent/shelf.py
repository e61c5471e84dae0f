# SPDX-License-Identifier: GPL-3.0-or-later
"""Put finished models on the shelf, one at a time, while nothing else is to be done.

The artist asks for it once (`SHELF_SETTING`); then old results follow, too, and what was renamed or pinned is put there
anew. A model that cannot be put there is complete without it: what goes wrong is only logged.
"""

from __future__ import annotations

import logging

from ..account import SHELF_SETTING
from ..files.asset_catalog import ensure_catalog
from ..files.own_files import bytes_of, remove_with_folder
from ..jobs.shelf import catalog_of, entry_of
from ..store import Job
from ..version import extension_version
from .converter.queue import Converter
from .live_jobs import LiveJobs
from .messages import Shelved
from .tasks import Work

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
AGAIN_SECONDS = 30.0
"""How long to leave a model alone that had to make room, or whose file another program holds."""


class Shelf:
    """Looks for what is missing on the shelf. Used by the main loop."""

    def __init__(self, live_jobs: LiveJobs, work: Work, converter: Converter) -> None:
        self.live_jobs = live_jobs
        self.work = work
        self.converter = converter
        self._waiting: Job | None = None
        self._in_hand = ""
        self._next_look = 0.0
        self._alone_since: float | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a model is still to be put there."""
        return self._waiting is not None or bool(self._in_hand)

    def step(self, now: float, *, may_work: bool, must_stop: bool) -> None:
        """Begin with the next one, or make room for a model on its way; raises sqlite3.Error."""
        if self._in_hand:
            if must_stop:
                self.converter.make_room()
            return
        if now >= self._next_look:
            self._next_look = now + LOOK_SECONDS
            self._waiting = None if self._is_long_alone(now) else self._look()
        if may_work and self._waiting is not None and (job := self._look()):  # its thumbnail may have come meanwhile
            self._begin(job)

    def finish(self, message: Shelved, now: float) -> None:
        """Write the outcome; within a transaction, and again when that failed."""
        self._in_hand = ""
        self._next_look = now + AGAIN_SECONDS if message.again else 0.0
        job = self.live_jobs.jobs.get(message.job_id)
        if job is None or not job.blend:  # cleared from the cache meanwhile
            remove_with_folder(self.work.home.result_folder(message.job_id) / "model.blend")
            return
        if message.reason:
            log.info("%s is not on the shelf: %s", message.job_id, message.reason)
        if not message.again:
            kept = bytes_of(self.work.home, job.file, job.blend)
            told = {"shelf": message.name, "shelf_pinned": int(message.pinned)}
            self.live_jobs.jobs.update(job.job_id, job.status, **told, kept=kept)

    def _look(self) -> Job | None:
        jobs = self.live_jobs.jobs
        return jobs.not_on_shelf(self.live_jobs.account_id) if jobs.database.setting(SHELF_SETTING) else None

    def _is_long_alone(self, now: float) -> bool:
        """Whether there has been nothing else to do for so long that the next agent may go on."""
        if self.live_jobs.live:
            self._alone_since = None
            return False
        self._alone_since = self._alone_since or now
        return now - self._alone_since > self.work.timings.shelf_alone

    def _begin(self, job: Job) -> None:
        home, catalog = self.work.home, catalog_of(job)
        self._waiting = None
        try:
            ensure_catalog(home.results, catalog.catalog_id, catalog.path)
        except OSError as error:
            log.warning("no catalog can be written in the results folder: %s", error.strerror)
        entry = entry_of(job, extension_version())
        if job.thumbnail:
            entry["preview"] = str(home.root / job.thumbnail)
        self._in_hand = job.job_id
        self.converter.shelve(job.job_id, home.root / job.blend, job.name, entry)
