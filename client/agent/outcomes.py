"""What each message means for its job: the state changes, the sentences and the money."""

from __future__ import annotations

import logging
import time

from .. import errors
from ..answers import RESULT_LIFETIME_SECONDS, TaskState
from ..home import Home
from ..retry import Action, Step, decide
from ..schedule import forecast
from ..states import Status
from ..store import Job, JobTable
from ..store.ledger import Ledger, Outcome
from .memory import JobMemory
from .messages import Failed, WasConverted, WasFetched, WasPolled, WasSubmitted

log = logging.getLogger(__name__)

MAX_EMPTY_FINISHES = 5
"""How often a finished task may come without an address before it is given up."""


class Outcomes:
    """Writes what happened. Every method returns quietly when the job was moved by somebody else meanwhile."""

    def __init__(self, jobs: JobTable, ledger: Ledger, home: Home) -> None:
        self.jobs = jobs
        self.ledger = ledger
        self.home = home

    def submitted(self, job: Job, message: WasSubmitted) -> None:
        """The service took the request and the credits."""
        self.ledger.write(job, Outcome.CHARGED, message.task_id)
        changes = {"task_id": message.task_id, "submitted_at": time.time()}
        for before in (Status.SUBMITTING, Status.UNCERTAIN):
            if self.jobs.transition(
                job.job_id, before, Status.QUEUED, message="Waiting in the service's queue", error="", **changes
            ):
                return
        # Cancelled while the request was on its way: the task id still allows to fetch what was paid for.
        self.jobs.update(job.job_id, Status.CANCELLED, **changes)

    def polled(self, job: Job, message: WasPolled, memory: JobMemory, history: tuple[float, ...]) -> None:
        """The service told a task's state."""
        status = message.status
        if status.state is TaskState.FAILED:
            self._failed_at_service(job, status.failure_reason)
        elif status.state is TaskState.FINISHED:
            self._finished(job, message, memory)
        elif job.status is not Status.DOWNLOADING:
            memory.succeeded()
            memory.observe(message.at, status.progress)
            self._going_on(job, message, memory, history)

    def fetched(self, job: Job, message: WasFetched) -> None:
        """The result is complete on the disk."""
        file = message.result.path.with_suffix(message.suffix).relative_to(self.home.root)
        self.jobs.transition(
            job.job_id,
            Status.DOWNLOADING,
            Status.CONVERTING,
            file=file.as_posix(),
            sha256=message.result.sha256,
            size=message.result.size,
            progress=100,
            message="Making it ready for Blender",
        )

    def converted(self, job: Job, message: WasConverted) -> None:
        """The result can be put into a scene."""
        self.jobs.transition(
            job.job_id,
            Status.CONVERTING,
            Status.READY,
            blend=message.blend,
            message=message.note or "Ready to import",
            error="",
        )

    def failed(self, job: Job, message: Failed, memory: JobMemory) -> errors.RateLimited | None:
        """A step failed: try again later, ask a person, or end the job. Returns a rate-limit error for the budget."""
        error = message.error
        if message.step == "convert":
            self._end(job, Status.FAILED, error)
            return None
        memory.attempts += 1
        step = Step(message.step)
        verdict = decide(step, error, memory.attempts)
        log.info("job %s: %s: %s, then %s", job.job_id, step.value, error.code, verdict.action.value)
        memory.not_before = time.monotonic() + verdict.delay
        if verdict.action is Action.UNCERTAIN:
            self.jobs.transition(
                job.job_id, Status.SUBMITTING, Status.UNCERTAIN, message=error.user_message, error=error.code
            )
        elif verdict.action is Action.FAIL:
            self._end(job, self._fate(job, error), error)
        elif step is Step.SUBMIT:
            self.jobs.transition(
                job.job_id, Status.SUBMITTING, Status.PREPARED, message=error.user_message, error=error.code
            )
        else:
            if verdict.action is Action.FRESH_LINK:
                memory.link = ""
                memory.fresh_links += 1
            if memory.fresh_links >= 2 and self._is_past_lifetime(job):
                self._expired(job)
            else:
                self.jobs.update(job.job_id, job.status, message=error.user_message, error=error.code)
        return error if isinstance(error, errors.RateLimited) else None

    def _going_on(self, job: Job, message: WasPolled, memory: JobMemory, history: tuple[float, ...]) -> None:
        status = message.status
        progress = max(job.progress, min(status.progress, 99))
        if status.state is TaskState.PENDING:
            if job.status is Status.QUEUED:
                self.jobs.update(job.job_id, Status.QUEUED, message="Waiting in the service's queue", error="")
            return
        age = time.time() - (job.submitted_at or job.created_at)
        expected = forecast(message.at - age, tuple(memory.observations), history)
        left = max(5, round(expected.remaining_seconds(message.at) / 5) * 5)
        text = f"About {left} s left" if left < 120 else f"About {round(left / 60)} min left"
        if job.status is Status.QUEUED:
            self.jobs.transition(
                job.job_id, Status.QUEUED, Status.RUNNING, progress=progress, message=text, error=""
            )
        else:
            self.jobs.update(job.job_id, Status.RUNNING, progress=progress, message=text, error="")

    def _finished(self, job: Job, message: WasPolled, memory: JobMemory) -> None:
        url = message.status.asset_url
        if not url:
            memory.attempts += 1
            memory.not_before = time.monotonic() + 10.0
            if memory.attempts >= MAX_EMPTY_FINISHES:
                self._end(
                    job, Status.FAILED, errors.UnreadableAnswer("The service finished this task without a model")
                )
            return
        memory.succeeded()
        memory.link = url
        if job.status is Status.DOWNLOADING:
            return
        last_look = memory.observations[-1].at if memory.observations else None
        late_by = 0.0 if last_look is None else (message.at - last_look) / 2
        self.jobs.transition(
            job.job_id,
            job.status,
            Status.DOWNLOADING,
            progress=99,
            finished_at=time.time() - late_by,
            message="Downloading",
            error="",
        )

    def _failed_at_service(self, job: Job, reason: str) -> None:
        said = f" ({reason.rstrip('. ')})" if reason else ""
        sentence = f"The service could not make this model{said}: the credits are given back, change the input and try again"
        if self.jobs.transition(job.job_id, job.status, Status.FAILED, message=sentence, error="TASK_FAILED"):
            self.ledger.write(job, Outcome.REFUNDED, job.task_id or "")

    def _fate(self, job: Job, error: errors.TripoError) -> Status:
        gone = isinstance(error, errors.NotFound) and self._is_past_lifetime(job)
        return Status.EXPIRED if gone else Status.FAILED

    def _is_past_lifetime(self, job: Job) -> bool:
        made_at = job.finished_at or job.submitted_at or job.created_at
        return time.time() - made_at > RESULT_LIFETIME_SECONDS

    def _expired(self, job: Job) -> None:
        made_at = job.finished_at or job.submitted_at or job.created_at
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(made_at + RESULT_LIFETIME_SECONDS))
        self.jobs.transition(
            job.job_id,
            job.status,
            Status.EXPIRED,
            message=f"The result expired at the service on {when}: generate it again",
            error="EXPIRED",
        )

    def _end(self, job: Job, after: Status, error: errors.TripoError) -> None:
        if after is Status.EXPIRED:
            self._expired(job)
        else:
            self.jobs.transition(job.job_id, job.status, after, message=error.user_message, error=error.code)
