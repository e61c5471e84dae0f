# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what a message means for its job: state, message, ledger."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from ..errors import ErrorCode, ResultRefused, TripoError
from ..files.disk import move
from ..files.own_files import bytes_of, is_own_input, remove_file, remove_with_folder
from ..jobs.notices import JobNotice
from ..jobs.outcome import TRANSFER
from ..jobs.request import GenerationRequest
from ..jobs.states import Status
from ..local_time import time_text
from ..notices import notice
from ..paths import Home
from ..service import exceptions
from ..service.responses import RESULT_LIFETIME_SECONDS, TaskState
from ..service.result_files import prefer
from ..service.retry import Action, Step, Streak, Verdict, backoff, decide
from ..store import BalanceTable, Job, JobTable
from ..store.ledger import Ledger, Outcome
from ..timings import Timings
from . import notices
from .job_notes import JobNotes
from .messages import Failed, WasConverted, WasFetched, WasPolled, WasSubmitted
from .polling.forecast import forecast

log = logging.getLogger(__name__)

TRIES_OF_ONE_ASSET = 3
"""Failed downloads in a row before the next asset is tried; twice as many when the connection was to blame."""
ANY_BYTES = ""
"""The name under which a job's notes count everything that came and was no model."""
_AT_SERVICE = frozenset({Status.QUEUED, Status.RUNNING, Status.DOWNLOADING})
_MAY_FAIL = {
    Step.SUBMIT: frozenset({Status.SUBMITTING}),
    Step.STATUS: _AT_SERVICE,
    Step.DOWNLOAD: frozenset({Status.DOWNLOADING}),
}


class JobTransitions:
    """Writes what happened. A job that somebody else has moved meanwhile is left as it is.

    Every method is called within one transaction, so that state and ledger never disagree.
    """

    def __init__(self, jobs: JobTable, ledger: Ledger, home: Home, timings: Timings) -> None:
        self.jobs = jobs
        self.ledger = ledger
        self.balances = BalanceTable(jobs.database)
        self.home = home
        self.timings = timings

    def submitted(self, job: Job, message: WasSubmitted) -> None:
        """The service took the request and the credits."""
        self.ledger.record_charge(job, Outcome.CHARGED, message.task_id)
        self._has_task(job, message.task_id)

    def cut_off(self, job: Job) -> None:
        """Whoever waited for the answer to a request is gone: nobody knows what came of it."""
        self._uncertain(job, ErrorCode.NO_ANSWER)

    def write_task(self, message: WasSubmitted) -> None:
        """Write the task id of a paid request alone, where all that belongs to it could not be written.

        A newer version of the extension may have changed the rest of the store while this agent was at work.
        """
        job = self.jobs.get(message.job_id)
        if job is not None:
            self._has_task(job, message.task_id)

    def _has_task(self, job: Job, task_id: str) -> None:
        changes = {"task_id": task_id, "submitted_at": time.time()}
        before = job.status
        if before is Status.PREPARED:
            # An answer that comes so late that the artist has asked for another try: there is no need for one.
            self.jobs.transition(job.job_id, before, Status.SUBMITTING)
            before = Status.SUBMITTING
        if before in (Status.SUBMITTING, Status.UNCERTAIN):
            self.jobs.transition(job.job_id, before, Status.QUEUED, message=JobNotice.QUEUED, error="", **changes)
        elif not job.task_id:
            # Cancelled while the request was on its way: the task id still allows to fetch what was paid for.
            self.jobs.update(job.job_id, before, **changes)
        else:
            log.warning("job %s has a task already: %s was made and paid too", job.job_id, task_id)

    def polled(self, job: Job, message: WasPolled, notes: JobNotes, history: tuple[float, ...]) -> None:
        """The service told a task's state."""
        status = message.status
        if job.status not in _AT_SERVICE:
            return
        if status.state is TaskState.FINISHED:
            self._finished(job, message, notes)
        elif status.state is TaskState.FAILED:
            self._failed_at_service(job, status.failure_reason)
        elif status.state is TaskState.EXPIRED:
            self._handle_gone(job, notes)
        elif job.status is Status.DOWNLOADING:
            self._later(notes)  # it was finished already; the service contradicts itself
        else:
            notes.succeeded()
            notes.observe(message.at, status.progress)
            self._going_on(job, message, notes, history)

    def fetched(self, job: Job, message: WasFetched, notes: JobNotes) -> None:
        """The result is complete on the disk; the file of a job that no longer wants it is removed."""
        if job.status is not Status.DOWNLOADING:
            remove_with_folder(message.path)
            return
        self.jobs.transition(
            job.job_id,
            Status.DOWNLOADING,
            Status.CONVERTING,
            file=message.path.relative_to(self.home.root).as_posix(),
            sha256=message.sha256,
            size=message.size,
            kept=message.size,
            used_at=time.time(),
            progress=100,
            message=JobNotice.CONVERTING,
            error="",
        )
        refusal = notes.refused_bytes.get(message.sha256)
        fetched = self.jobs.get(job.job_id)
        if refusal and fetched is not None:
            self._refused(fetched, ResultRefused(refusal), notes)
        elif job.file.startswith(self.home.quarantine.name):
            remove_file(self.home.root / job.file)  # another file has taken its place

    def converted(self, job: Job, message: WasConverted) -> None:
        """The result can be put into a scene."""
        if job.status is not Status.CONVERTING:
            return
        file = "" if job.kind == TRANSFER else self._moved(job, self.home.result_folder(job.job_id), "model")
        self.jobs.transition(
            job.job_id,
            Status.CONVERTING,
            Status.READY,
            file=file,
            kept=bytes_of(self.home, file, message.blend),
            message=message.note or notice(JobNotice.READY),
            **message.columns,
            error="",
        )

    def lost(self, job: Job) -> None:
        """The file to convert is gone: it is fetched again, unless it was a copy of the artist's own objects."""
        found = (Status.FAILED, JobNotice.COPY_GONE) if job.kind == TRANSFER else (Status.DOWNLOADING, JobNotice.LOST)
        self.jobs.transition(job.job_id, Status.CONVERTING, found[0], file="", message=found[1])

    def failed(self, job: Job, message: Failed, notes: JobNotes) -> exceptions.RateLimited | None:
        """A step failed: try again later, ask a person, or end the job. Returns a rate-limit error for the budget."""
        error, step = message.error, message.step
        if step is Step.CONVERT:
            self._not_converted(job, error, notes)
            return None
        verdict = self._verdict(message, notes)
        log.info("job %s: %s: %s, then %s", job.job_id, step.value, error.code, verdict.action.value)
        notes.not_before = time.monotonic() + verdict.delay
        limited = error if isinstance(error, exceptions.RateLimited) else None
        if job.status not in _MAY_FAIL[step]:
            if step is Step.SUBMIT and verdict.action is not Action.UNCERTAIN:
                self.ledger.record_charge(job, Outcome.NOT_CHARGED)  # cancelled while it was on its way
            return limited
        if step is Step.SUBMIT:
            self._not_submitted(job, error, verdict.action)
        elif verdict.action is Action.FAIL or self._never_comes(job, error, notes):
            self._give_up(job, step, error, notes)
        else:
            if verdict.action is Action.FRESH_LINK:
                notes.link = ""
                notes.dead_links += isinstance(error, exceptions.LinkExpired)
            if step is Step.DOWNLOAD and notes.attempts % _tries_of_one(error) == 0:
                notes.turn += 1
            if notes.dead_links >= 2 and self._is_past_lifetime(job):
                self._expired(job)
            else:
                said = notices.again(error) if step is Step.STATUS else error.notice
                self.jobs.update(job.job_id, job.status, message=said, error=error.code)
        return limited

    def _never_comes(self, job: Job, error: TripoError, notes: JobNotes) -> bool:
        """Whether only wrong bytes came, different ones each time, until the service's time for the result was over."""
        wrong = notes.wrong_bytes.get(ANY_BYTES)
        return (
            isinstance(error, exceptions.WrongBytes)
            and wrong is not None
            and wrong.seconds >= self.timings.same_bytes
            and self._is_past_lifetime(job)
        )

    def _verdict(self, message: Failed, notes: JobNotes) -> Verdict:
        """Count an error, of its kind and in a row, and return what follows."""
        error, now = message.error, time.monotonic()
        if isinstance(error, exceptions.RateLimited):
            notes.streak.interrupt()
            notes.turned_away += 1
            return decide(message.step, error, notes.turned_away, timings=self.timings)
        notes.attempts += 1
        notes.turned_away = 0
        if isinstance(error, exceptions.WrongBytes):
            streak = notes.wrong_bytes.setdefault(error.sha256, Streak())
            for one in (streak, notes.wrong_bytes.setdefault(ANY_BYTES, Streak())):
                one.add(now, self.timings.rarest_look)
        else:
            kind = f"{message.step} {error.code} {getattr(error, 'status', '')}"
            streak = notes.met(kind, now, self.timings.longest_delay)
        return decide(message.step, error, notes.attempts, streak, self.timings)

    def _not_submitted(self, job: Job, error: TripoError, action: Action) -> None:
        if action is Action.UNCERTAIN:
            self._uncertain(job, error.code)
            return
        after = Status.FAILED if action is Action.FAIL else Status.PREPARED
        said = notices.not_accepted(error)
        self.jobs.transition(job.job_id, Status.SUBMITTING, after, message=said, error=error.code)

    def _uncertain(self, job: Job, code: ErrorCode) -> None:
        said = JobNotice.UNCERTAIN
        if self.jobs.transition(job.job_id, Status.SUBMITTING, Status.UNCERTAIN, message=said, error=code):
            self.ledger.record_charge(job, Outcome.UNCLEAR)
            self.balances.ask_aside(job.account_id)

    def _failed_at_service(self, job: Job, reason: str) -> None:
        """The service made nothing of a task, and gives the credits back."""
        said = notices.failed_at_service(reason)
        self.jobs.transition(job.job_id, job.status, Status.FAILED, message=said, error=ErrorCode.TASK_FAILED)
        self.ledger.record_charge(job, Outcome.REFUNDED, job.task_id or "")
        self.balances.ask_aside(job.account_id)

    def _give_up(self, job: Job, step: Step, error: TripoError, notes: JobNotes) -> None:
        if isinstance(error, exceptions.NotFound) and (error.status == 410 or self._is_past_lifetime(job)):
            self._expired(job)
            return
        if step is Step.DOWNLOAD and notes.refuse():
            notes.not_before = 0.0
            said = notice(JobNotice.ANOTHER_FILE, cause=error.notice)
            self.jobs.update(job.job_id, job.status, message=said, error=error.code)
            return
        said, code = notices.given_up(error) if step is Step.STATUS else error.notice, error.code
        if isinstance(error, exceptions.WrongBytes):
            said, code = notice(JobNotice.NOT_A_MODEL, cause=error.notice), ResultRefused.code
        self.jobs.transition(job.job_id, job.status, Status.FAILED, message=said, error=code)

    def _not_converted(self, job: Job, error: TripoError, notes: JobNotes) -> None:
        if job.status is not Status.CONVERTING:
            return
        if isinstance(error, exceptions.DiskFull):
            notes.not_before = time.monotonic() + self.timings.disk_delay
            self.jobs.update(job.job_id, Status.CONVERTING, message=error.notice, error=error.code)
        elif isinstance(error, exceptions.NoConverter):
            self.jobs.transition(job.job_id, job.status, Status.FAILED, message=error.notice, error=error.code)
        else:
            self._refused(job, error, notes)

    def _refused(self, job: Job, error: TripoError, notes: JobNotes) -> None:
        """A whole file is of no use. It is put away, and believed when the same bytes come once more; then another of
        the assets is tried, if there are several."""
        came_before = job.sha256 in notes.refused_bytes
        notes.refused_bytes[job.sha256] = error.notice
        changes = {"file": self._moved(job, self.home.quarantine, job.job_id), "error": error.code}
        goes_on = notes.refuse() if came_before else bool(job.task_id) and not self._is_past_lifetime(job)
        if goes_on:
            code = JobNotice.ANOTHER_FILE if came_before else JobNotice.ONCE_MORE
            after, message = Status.DOWNLOADING, notice(code, cause=error.notice)
            notes.not_before = time.monotonic() + self.timings.first_delay
        else:
            after, message = Status.FAILED, error.notice
        self.jobs.transition(job.job_id, Status.CONVERTING, after, message=message, **changes)

    def _moved(self, job: Job, folder: Path, name: str) -> str:
        """Move a job's file into a folder, unless it is there; returns where it is, relative to the home folder.
        A file that importers refuse is in quarantine until a conversion succeeds; an artist's own objects never are.
        """
        source = self.home.root / job.file
        if not job.file or is_own_input(self.home, str(source)):
            return job.file
        target = folder / f"{name}{source.suffix}"
        try:
            if source != target and not (target.exists() and not source.exists()):
                move(source, target)
        except OSError as error:
            log.warning("%s stays where it is: %s", source.name, error.strerror)
            return job.file
        return target.relative_to(self.home.root).as_posix()

    def _going_on(self, job: Job, message: WasPolled, notes: JobNotes, history: tuple[float, ...]) -> None:
        status = message.status
        if message.at - notes.seen > self.timings.watch:
            self.jobs.transition(job.job_id, job.status, Status.FAILED, message=JobNotice.STUCK, error=ErrorCode.STUCK)
            return
        if status.state is TaskState.PENDING:
            if job.status is Status.QUEUED:
                self.jobs.update(job.job_id, Status.QUEUED, message=JobNotice.QUEUED, error="")
            return
        expected = forecast(notes.began, tuple(notes.observations), history)
        notes.finishes_at = expected.expected_finish
        changes = {
            "progress": max(job.progress, min(status.progress, 99)),
            "message": notices.remaining(notes.finishes_at - message.at),
            "finishes_at": time.time() + notes.finishes_at - time.monotonic(),
            "error": "",
        }
        if job.status is Status.QUEUED:
            self.jobs.transition(job.job_id, Status.QUEUED, Status.RUNNING, **changes)
        else:
            self.jobs.update(job.job_id, Status.RUNNING, **changes)

    def _finished(self, job: Job, message: WasPolled, notes: JobNotes) -> None:
        status = message.status
        if not status.assets:
            self._finished_without(job, status.failure_reason, notes)
            return
        self.ledger.record_charge(job, Outcome.CHARGED, job.task_id or "")  # known already, unless the ledger was lost
        notes.offer(prefer(status.assets, ".fbx") if _has_quads(job) else status.assets)
        notes.thumbnail = status.thumbnail_url
        if not notes.link:  # all were found useless before: the job is not left without one
            notes.refused_assets.clear()
            notes.choose()
        if job.status is Status.DOWNLOADING:
            return
        notes.succeeded()
        last_look = notes.observations[-1].at if notes.observations else None
        late_by = 0.0 if last_look is None else (message.at - last_look) / 2
        self.jobs.transition(
            job.job_id,
            job.status,
            Status.DOWNLOADING,
            progress=99,
            finished_at=time.time() - late_by,
            message=JobNotice.DOWNLOADING,
            error="",
        )

    def _finished_without(self, job: Job, reason: str, notes: JobNotes) -> None:
        """Finished, and nothing to fetch: failed when a reason is given, else the upload lags behind (C)."""
        if "expire" in reason.lower():
            self._handle_gone(job, notes)
            return
        if reason:
            self._failed_at_service(job, reason)
            return
        streak = self._later(notes, self.timings.rarest_look)
        if streak.seconds >= self.timings.about_task and self._is_past_lifetime(job):
            self._expired(job)
        else:
            self._no_model_yet(job)

    def _handle_gone(self, job: Job, notes: JobNotes) -> None:
        """The service says that a result has expired: before its time this is believed only when it stays so."""
        streak = self._later(notes)
        if self._is_past_lifetime(job) or streak.seconds >= self.timings.about_task:
            self._expired(job)
        else:
            self._no_model_yet(job)

    def _no_model_yet(self, job: Job) -> None:
        self.jobs.update(job.job_id, job.status, message=JobNotice.NO_MODEL_YET, error=ErrorCode.NO_MODEL_YET)

    def _later(self, notes: JobNotes, longest: float | None = None) -> Streak:
        now = time.monotonic()
        streak = notes.met("no address", now, longest or self.timings.longest_delay)
        notes.not_before = now + backoff(streak.count, self.timings, longest)
        return streak

    def _is_past_lifetime(self, job: Job) -> bool:
        """Whether the result may be gone by our clock, which alone proves nothing: it may be wrong."""
        return time.time() - _made_at(job) > RESULT_LIFETIME_SECONDS

    def _expired(self, job: Job) -> None:
        gone_at = min(_made_at(job) + RESULT_LIFETIME_SECONDS, time.time())
        message = notice(JobNotice.EXPIRED, when=time_text(gone_at))
        self.jobs.transition(job.job_id, job.status, Status.EXPIRED, message=message, error=ErrorCode.EXPIRED)


def _made_at(job: Job) -> float:
    return job.finished_at or job.submitted_at or job.created_at


def _has_quads(job: Job) -> bool:
    """Whether a mesh of quads was paid for, which only FBX among Blender's best formats can hold (U)."""
    request = GenerationRequest.read(job.request)
    return request is not None and request.parameters.get("quad") is True


def _tries_of_one(error: TripoError) -> int:
    answered = isinstance(error, exceptions.LinkExpired | exceptions.WrongBytes)
    return TRIES_OF_ONE_ASSET if answered else 2 * TRIES_OF_ONE_ASSET
