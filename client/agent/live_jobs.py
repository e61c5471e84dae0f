# SPDX-License-Identifier: GPL-3.0-or-later
"""The account's live jobs as last read from the store, with notes on each."""

from __future__ import annotations

import time

from ..account import SANDBOX_ACCOUNT
from ..jobs.request import GenerationRequest
from ..jobs.states import LIVE
from ..notices import Notice
from ..schema import effective_values
from ..store import BalanceTable, Database, Job, JobTable
from ..store.blender_sessions import may_go_online
from ..store.jobs import Field
from .job_notes import JobNotes

HISTORY_LENGTH = 30
_SANDBOX_HISTORY = (4.0, 8.0, 16.0) * 4
"""Its generations take a few seconds; so wide a spread makes for several looks at the progress."""
_LONGEST_AGE = 24 * 3600.0
_ONLINE_SECONDS = 2.0
"""How often to look which Blenders are alive: one that was killed changes nothing in the store."""


class LiveJobs:
    """What the parts of the agent share. Belongs to the main loop; ``live`` and ``online`` may be read anywhere."""

    def __init__(self, database: Database, account_id: str) -> None:
        self.database = database
        self.account_id = account_id
        self.jobs = JobTable(database)
        self.balances = BalanceTable(database)
        self.live: list[Job] = []
        self.online = True
        self.wants_balance = False
        self._notes: dict[str, JobNotes] = {}
        self._history: dict[str, tuple[float, ...]] = {}
        self._seen_version = -1
        self._online_read_at = float("-inf")

    def touch(self) -> None:
        """Read the store at the next look, even if no other process wrote: SQLite does not report our own writes."""
        self._seen_version = -1

    def read(self) -> bool:
        """Read the store when it has changed; return whether there may be something new to do."""
        version, now = self.database.data_version(), time.monotonic()
        was_online = self.online
        if version != self._seen_version or now - self._online_read_at >= _ONLINE_SECONDS:
            self._online_read_at = now
            self._read_may_go_online()
        if version == self._seen_version:
            return self.online != was_online
        before = {(job.job_id, job.status) for job in self.live}
        self.live = self.jobs.in_states(LIVE, self.account_id)
        self.wants_balance = self.balances.read(self.account_id).pending
        ids = {job.job_id for job in self.live}
        for gone in set(self._notes) - ids:
            if not self._notes[gone].busy:
                del self._notes[gone]
        self._seen_version = version
        news = {(job.job_id, job.status) for job in self.live} - before
        return bool(news) or self.wants_balance or self.online != was_online

    def _read_may_go_online(self) -> None:
        """One Blender that may go online is enough. When none is left, the last decision stands: an agent is only
        started by one that may."""
        leave = None if self.account_id == SANDBOX_ACCOUNT else may_go_online(self.database)
        if leave is not None:
            self.online = leave

    def update(self, job: Job) -> None:
        """Take over what was just written of a job. What we know must never be older than what we wrote: were the
        store lost between the two, a request that was sent could look like one that was not."""
        self.live = [job if other.job_id == job.job_id else other for other in self.live]
        self.touch()

    def say(self, job: Job, said: Notice, **changes: Field) -> None:
        """Write what a job says now, with other columns, unless it says so already."""
        if said != job.notice:
            self.jobs.update(job.job_id, job.status, message=said, **changes)
            self.touch()

    def note(self, job: Job) -> JobNotes:
        """Return the notes on a job."""
        note = self._notes.get(job.job_id)
        if note is None:
            now = time.monotonic()
            # From here on it is measured by a clock that nobody can set.
            age = time.time() - (job.submitted_at or job.created_at)
            note = JobNotes(began=now - min(max(age, 0.0), _LONGEST_AGE), seen=now)
            self._notes[job.job_id] = note
        return note

    def release(self, job_id: str) -> None:
        """Note that nothing is under way for a job any more."""
        note = self._notes.get(job_id)
        if note is not None:
            note.busy = None

    def note_download(self, job_id: str, done: int, whole: int | None) -> None:
        """Note how far a download is, from its thread."""
        note = self._notes.get(job_id)
        if note is not None:
            note.fetched = (done, whole)

    def is_due(self, job: Job, now: float) -> bool:
        """Whether nothing is under way for a job and no delay runs."""
        note = self.note(job)
        return not note.busy and now >= note.not_before

    def is_wanted(self, job_id: str) -> bool:
        """Whether a job is still live, from any thread."""
        return any(job.job_id == job_id for job in self.live)

    def history(self, job: Job) -> tuple[float, ...]:
        """Return how long jobs like this one took, in seconds, newest last."""
        if self.account_id == SANDBOX_ACCOUNT:
            return _SANDBOX_HISTORY
        key = forecast_key(job.request)
        if key not in self._history:
            durations = self.jobs.durations(job.kind, HISTORY_LENGTH * 4)
            fitting = [seconds for request, seconds in durations if forecast_key(request) == key]
            self._history[key] = tuple(reversed(fitting[:HISTORY_LENGTH]))
        return self._history[key]

    def forget_history(self) -> None:
        """Read the durations again when they are needed next."""
        self._history.clear()


def forecast_key(request_text: str) -> str:
    """Return what decides how long a request takes: endpoint, version and the options that make it work harder.

    Empty for a request that cannot be read.
    """
    request = GenerationRequest.read(request_text)
    if request is None:
        return ""
    values = effective_values(request.kind, request.model_version, request.parameters)
    options = ("texture", "texture_quality", "geometry_quality", "smart_low_poly", "quad", "generate_parts", "format")
    chosen = "/".join(f"{name}={values[name]}" for name in options if name in values)
    return f"{request.kind}/{request.model_version}/{chosen}"
