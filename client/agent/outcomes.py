"""What each message means for its job: the state changes, the sentences and the money."""

from __future__ import annotations

import contextlib
import logging
import time
from pathlib import Path

from .. import errors, failures
from ..answers import RESULT_LIFETIME_SECONDS, TaskState
from ..cache import bytes_of
from ..download import move
from ..forecast import forecast
from ..home import Home
from ..local_time import time_text
from ..pace import Pace
from ..retry import Action, Step, backoff, decide
from ..states import Status
from ..store import BalanceTable, Job, JobTable
from ..store.ledger import Ledger, Outcome
from . import sentences
from .memory import JobMemory
from .messages import Failed, WasConverted, WasFetched, WasPolled, WasSubmitted

log = logging.getLogger(__name__)

MAX_EMPTY_FINISHES = 5
"""How often a finished task may come without an address before it is given up."""
_AT_SERVICE = frozenset({Status.QUEUED, Status.RUNNING, Status.DOWNLOADING})
_MAY_FAIL = {
    Step.SUBMIT: frozenset({Status.SUBMITTING}),
    Step.STATUS: _AT_SERVICE,
    Step.DOWNLOAD: frozenset({Status.DOWNLOADING}),
}


class Outcomes:
    """Writes what happened. A job that somebody else has moved meanwhile is left as it is.

    Every method is called within one transaction, so that state and ledger never disagree.
    """

    def __init__(self, jobs: JobTable, ledger: Ledger, home: Home, pace: Pace) -> None:
        self.jobs = jobs
        self.ledger = ledger
        self.balances = BalanceTable(jobs.database)
        self.home = home
        self.pace = pace

    def submitted(self, job: Job, message: WasSubmitted) -> None:
        """The service took the request and the credits."""
        self.ledger.settle_charge(job, Outcome.CHARGED, message.task_id)
        changes = {"task_id": message.task_id, "submitted_at": time.time()}
        before = job.status
        if before is Status.PREPARED:
            # An answer that comes so late that the artist has asked for another try: there is no need for one.
            self.jobs.transition(job.job_id, before, Status.SUBMITTING)
            before = Status.SUBMITTING
        if before in (Status.SUBMITTING, Status.UNCERTAIN):
            self.jobs.transition(job.job_id, before, Status.QUEUED, message=sentences.QUEUED, error="", **changes)
        elif not job.task_id:
            # Cancelled while the request was on its way: the task id still allows to fetch what was paid for.
            self.jobs.update(job.job_id, before, **changes)
        else:
            log.warning("job %s has a task already: %s was made and paid too", job.job_id, message.task_id)

    def cut_off(self, job: Job) -> None:
        """Whoever waited for the answer to a request is gone: nobody knows what came of it."""
        self._uncertain(job, sentences.UNCERTAIN, "NO_ANSWER")

    def polled(self, job: Job, message: WasPolled, memory: JobMemory, history: tuple[float, ...]) -> None:
        """The service told a task's state."""
        status = message.status
        if job.status not in _AT_SERVICE:
            return
        if status.state is TaskState.FAILED:
            self.jobs.transition(
                job.job_id,
                job.status,
                Status.FAILED,
                message=sentences.failed_at_service(status.failure_reason),
                error="TASK_FAILED",
            )
            self.ledger.settle_charge(job, Outcome.REFUNDED, job.task_id or "")
            self.balances.ask_aside(job.account_id)
        elif status.state is TaskState.FINISHED:
            self._finished(job, message, memory)
        elif job.status is Status.DOWNLOADING:
            self._later(memory)  # it was finished already; the service contradicts itself
        else:
            memory.succeeded()
            memory.observe(message.at, status.progress)
            self._going_on(job, message, memory, history)

    def fetched(self, job: Job, message: WasFetched) -> None:
        """The result is complete on the disk; the file of a job that no longer wants it is removed."""
        if job.status is not Status.DOWNLOADING:
            message.path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                message.path.parent.rmdir()
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
            message=sentences.CONVERTING,
            error="",
        )

    def converted(self, job: Job, message: WasConverted) -> None:
        """The result can be put into a scene."""
        if job.status is not Status.CONVERTING:
            return
        file = self._moved(job, self.home.result_folder(job.job_id), "model")
        self.jobs.transition(
            job.job_id,
            Status.CONVERTING,
            Status.READY,
            file=file,
            blend=message.blend,
            kept=bytes_of(self.home, file, message.blend),
            message=message.note or sentences.READY,
            error="",
        )

    def lost(self, job: Job) -> None:
        """The file of a job that is to be converted is gone: it is fetched again, for free."""
        self.jobs.transition(
            job.job_id,
            Status.CONVERTING,
            Status.DOWNLOADING,
            file="",
            message="The model is no longer in the cache: it is fetched again, for free",
        )

    def failed(self, job: Job, message: Failed, memory: JobMemory) -> failures.RateLimited | None:
        """A step failed: try again later, ask a person, or end the job. Returns a rate-limit error for the budget."""
        error = message.error
        memory.attempts += 1
        if message.step == "convert":
            self._not_converted(job, error, memory)
            return None
        step = Step(message.step)
        verdict = decide(step, error, memory.attempts, self.pace)
        log.info("job %s: %s: %s, then %s", job.job_id, step.value, error.code, verdict.action.value)
        memory.not_before = time.monotonic() + verdict.delay
        limited = error if isinstance(error, failures.RateLimited) else None
        if job.status not in _MAY_FAIL[step]:
            if step is Step.SUBMIT and verdict.action is not Action.UNCERTAIN:
                self.ledger.settle_charge(job, Outcome.NOT_CHARGED)  # cancelled while it was on its way
            return limited
        if step is Step.SUBMIT:
            self._not_submitted(job, error, verdict.action)
        elif verdict.action is Action.FAIL:
            self._give_up(job, step, error)
        else:
            if verdict.action is Action.FRESH_LINK:
                memory.link = ""
                memory.dead_links += isinstance(error, failures.LinkExpired)
            if memory.dead_links >= 2 and self._is_past_lifetime(job):
                self._expired(job)
            else:
                text = sentences.again(error) if step is Step.STATUS else error.user_message
                self.jobs.update(job.job_id, job.status, message=text, error=error.code)
        return limited

    def _not_submitted(self, job: Job, error: errors.TripoError, action: Action) -> None:
        if action is Action.UNCERTAIN:
            self._uncertain(job, sentences.UNCERTAIN, error.code)
            return
        after = Status.FAILED if action is Action.FAIL else Status.PREPARED
        self.jobs.transition(
            job.job_id, Status.SUBMITTING, after, message=sentences.not_accepted(error), error=error.code
        )

    def _uncertain(self, job: Job, text: str, code: str) -> None:
        if self.jobs.transition(job.job_id, Status.SUBMITTING, Status.UNCERTAIN, message=text, error=code):
            self.ledger.settle_charge(job, Outcome.UNCLEAR)
            self.balances.ask_aside(job.account_id)

    def _give_up(self, job: Job, step: Step, error: errors.TripoError) -> None:
        if isinstance(error, failures.NotFound) and (error.status == 410 or self._is_past_lifetime(job)):
            self._expired(job)
            return
        text = sentences.given_up(error) if step is Step.STATUS else error.user_message
        self.jobs.transition(job.job_id, job.status, Status.FAILED, message=text, error=error.code)

    def _not_converted(self, job: Job, error: errors.TripoError, memory: JobMemory) -> None:
        if job.status is not Status.CONVERTING:
            return
        if isinstance(error, failures.DiskFull):
            memory.not_before = time.monotonic() + self.pace.disk_delay
            self.jobs.update(job.job_id, Status.CONVERTING, message=error.user_message, error=error.code)
            return
        self.jobs.transition(
            job.job_id,
            Status.CONVERTING,
            Status.FAILED,
            file=self._moved(job, self.home.quarantine, job.job_id),
            message=error.user_message,
            error=error.code,
        )

    def _moved(self, job: Job, folder: Path, name: str) -> str:
        """Move a job's file into a folder, unless it is there; returns where it is, relative to the home folder.

        A file that importers refuse is in quarantine until a conversion succeeds after all.
        """
        if not job.file:
            return ""
        source = self.home.root / job.file
        target = folder / f"{name}{source.suffix}"
        try:
            if source != target and not (target.exists() and not source.exists()):
                move(source, target)
        except OSError as error:
            log.warning("%s stays where it is: %s", source.name, error.strerror)
            return job.file
        return target.relative_to(self.home.root).as_posix()

    def _going_on(self, job: Job, message: WasPolled, memory: JobMemory, history: tuple[float, ...]) -> None:
        status = message.status
        if message.at - memory.seen > self.pace.watch:
            self.jobs.transition(job.job_id, job.status, Status.FAILED, message=sentences.STUCK, error="STUCK")
            return
        if status.state is TaskState.PENDING:
            if job.status is Status.QUEUED:
                self.jobs.update(job.job_id, Status.QUEUED, message=sentences.QUEUED, error="")
            return
        expected = forecast(memory.began, tuple(memory.observations), history)
        memory.finishes_at = expected.expected_finish
        changes = {
            "progress": max(job.progress, min(status.progress, 99)),
            "message": sentences.remaining(memory.finishes_at - message.at),
            "finishes_at": time.time() + memory.finishes_at - time.monotonic(),
            "error": "",
        }
        if job.status is Status.QUEUED:
            self.jobs.transition(job.job_id, Status.QUEUED, Status.RUNNING, **changes)
        else:
            self.jobs.update(job.job_id, Status.RUNNING, **changes)

    def _finished(self, job: Job, message: WasPolled, memory: JobMemory) -> None:
        status = message.status
        if not status.asset_url:
            self._later(memory)
            if "expire" in status.failure_reason.lower() or self._is_past_lifetime(job):
                self._expired(job)
            elif memory.attempts >= MAX_EMPTY_FINISHES:
                self.jobs.transition(
                    job.job_id, job.status, Status.FAILED, message=sentences.NO_MODEL, error="NO_MODEL"
                )
            return
        self.ledger.settle_charge(job, Outcome.CHARGED, job.task_id or "")  # known already, unless the ledger was lost
        memory.link = status.asset_url
        memory.picture = status.thumbnail_url
        if job.status is Status.DOWNLOADING:
            return
        memory.succeeded()
        last_look = memory.observations[-1].at if memory.observations else None
        late_by = 0.0 if last_look is None else (message.at - last_look) / 2
        self.jobs.transition(
            job.job_id,
            job.status,
            Status.DOWNLOADING,
            progress=99,
            finished_at=time.time() - late_by,
            message=sentences.DOWNLOADING,
            error="",
        )

    def _later(self, memory: JobMemory) -> None:
        memory.attempts += 1
        memory.not_before = time.monotonic() + backoff(memory.attempts, self.pace)

    def _is_past_lifetime(self, job: Job) -> bool:
        """Tell whether the result may be gone by our clock, which alone proves nothing: it may be wrong."""
        return time.time() - _made_at(job) > RESULT_LIFETIME_SECONDS

    def _expired(self, job: Job) -> None:
        gone_at = min(_made_at(job) + RESULT_LIFETIME_SECONDS, time.time())
        message = sentences.expired(time_text(gone_at))
        self.jobs.transition(job.job_id, job.status, Status.EXPIRED, message=message, error="EXPIRED")


def _made_at(job: Job) -> float:
    return job.finished_at or job.submitted_at or job.created_at
