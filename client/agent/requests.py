# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose the next request to the service, and record each in the store before it is sent."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

from ..errors import ErrorCode
from ..jobs.notices import JobNotice
from ..jobs.states import Status
from ..notices import notice
from ..service import exceptions
from ..service.retry import Step, backoff
from ..store import Job
from ..store.rate_budget import RateTable
from ..store.request_window import RequestWindow
from . import notices
from .balance_checks import BalanceChecks
from .live_jobs import LiveJobs
from .messages import BalanceMoved, Failed, Message, WasBalanced
from .model_input import model_to_send
from .polling.forecast import forecast
from .polling.schedule import Balance, Decision, Poll, Submit, Wait, decide
from .tasks import Work
from .worker_pool import WorkerPool

log = logging.getLogger(__name__)

REQUEST_THREADS = 4
PRESSED_SECONDS = 15.0
LONGEST_WAIT = 5.0
"""Seconds after which to decide anew, and to tell the artist how long it still takes."""
OLDEST_PRESS_SECONDS = 24 * 3600.0
"""A press that is older is not sent without asking again."""
SAY_SECONDS = 1.0
SAID_TO = 3
"""How many of the jobs in line are told why they wait."""
_BALANCE = ""


class RequestScheduler:
    """Spends the rate budget of one account. Used by the main loop only."""

    def __init__(
        self, live_jobs: LiveJobs, rate: RateTable, work: Work, holds_lease: Callable[[], bool] = lambda: True
    ) -> None:
        """``holds_lease`` reads the store: it is asked in the transaction that announces a paid request."""
        self.live_jobs = live_jobs
        self.rate = rate
        self.work = work
        self._holds_lease = holds_lease
        self._looks = BalanceChecks(live_jobs)
        self._pool = WorkerPool("request", REQUEST_THREADS)
        self._stamps: dict[str, int] = {}
        self._submits: set[str] = set()
        self._balance_tries = 0
        self._balance_not_before = 0.0
        self._next = 0.0

    @property
    def is_submitting(self) -> bool:
        """Whether a request that costs credits is on its way."""
        return bool(self._submits)

    def is_sending(self, job_id: str) -> bool:
        """Whether this job's request is on its way, or its answer not yet written."""
        return job_id in self._submits

    def hurry(self) -> None:
        """Decide anew at the next step: something has changed."""
        self._next = 0.0

    def step(self, now: float) -> None:
        """Hand out the request that is due, if any."""
        self._say_uploading(now)
        if now < self._next or not self._pool.has_room:
            return
        budget = self.rate.budget(now)
        match self._decide(now, budget):
            case Wait(seconds):
                self._next = min(now + min(seconds, LONGEST_WAIT), *self._ends_of_delays(now))
                if budget.next_slot(now) > now:
                    self._say_waiting(now, budget.next_slot(now) - now)
            case Submit(job_id):
                self._submit(job_id)
            case Poll(job_id):
                self._poll(job_id)
            case Balance():
                self._ask_balance()

    def complete(self, message: Message) -> None:
        """Time the request that a message answers; within the transaction that writes what came of it."""
        stamp = self._stamps.get(_key(message))
        if stamp is not None:
            self.rate.complete(stamp)

    def forget(self, message: Message) -> None:
        """Let go of a request once everything about it is written."""
        key = _key(message)
        self._stamps.pop(key, None)
        self._submits.discard(key)

    def balanced(self, message: WasBalanced | BalanceMoved | Failed) -> None:
        """Write the outcome of asking for the balance."""
        match message:
            case WasBalanced(credits):
                self._balance_tries = 0
                self._looks.answered(credits)
            case Failed(_, _, exceptions.RateLimited() as error):
                self._balance_tries += 1
                delay = backoff(self._balance_tries, self.work.timings)
                self._balance_not_before = time.monotonic() + delay
                self.slow_down(error, delay)
            case Failed(_, _, error):
                self.live_jobs.balances.fail(self.live_jobs.account_id, error.notice)
            case BalanceMoved():
                log.info("the balance is asked for at the older address")

    def slow_down(self, error: exceptions.RateLimited, delay: float) -> None:
        """Obey a 429: for as long as the service says, else for ``delay`` seconds and more slowly from then on."""
        self.rate.refused(error.retry_after, delay)

    def _decide(self, now: float, budget: RequestWindow) -> Decision:
        live_jobs = self.live_jobs
        idle = [job for job in live_jobs.live if live_jobs.is_due(job, now)]
        for job in idle:
            # A finished result is fetched before anything else is done.
            if job.status is Status.DOWNLOADING and not live_jobs.note(job).link:
                slot = budget.next_slot(now)
                return Poll(job.job_id) if slot <= now else Wait(slot - now)
        prepared = [job for job in idle if job.status is Status.PREPARED and not live_jobs.note(job).is_held]
        pressed = [
            job.job_id for job in prepared if abs(time.time() - (job.pressed_at or job.created_at)) < PRESSED_SECONDS
        ][:1]
        return decide(
            now,
            {
                job.job_id: forecast(
                    live_jobs.note(job).began, tuple(live_jobs.note(job).observations), live_jobs.history(job)
                )
                for job in idle
                if job.status in (Status.QUEUED, Status.RUNNING)
            },
            budget,
            pressed=pressed,
            queued=[job.job_id for job in prepared if job.job_id not in pressed],
            wants_balance=self._may_ask_balance(now),
        )

    def _may_ask_balance(self, now: float) -> bool:
        """Whether to ask for the balance; not while a request is on its way that changes it."""
        may = not self._submits and _BALANCE not in self._stamps and now >= self._balance_not_before
        return may and self.live_jobs.wants_balance

    def _ends_of_delays(self, now: float) -> list[float]:
        """Return when the jobs that are not due yet become due."""
        ends = [self.live_jobs.note(job).not_before for job in self.live_jobs.live] + [self._balance_not_before]
        return [end for end in ends if end > now] or [math.inf]

    def _submit(self, job_id: str) -> None:
        live_jobs = self.live_jobs
        job = live_jobs.jobs.get(job_id)
        if job is None or job.status is not Status.PREPARED:
            live_jobs.touch()
            return
        source = live_jobs.jobs.get(job.source_job) if job.source_job else None
        if has_waited_too_long(job, source):
            waited = {"message": JobNotice.WAITED, "error": ErrorCode.ASK_FIRST}
            live_jobs.jobs.transition(job_id, Status.PREPARED, Status.FAILED, **waited)
            live_jobs.touch()
            return
        with live_jobs.database.transaction():
            # Stopped since the last beat, we may wake up beside another agent. From here on it takes over what we
            # announce, and makes it uncertain; before, it would not know.
            if not self._holds_lease():
                return
            stamp = self.rate.reserve(Step.SUBMIT)
            if stamp is None:
                return
            live_jobs.jobs.transition(
                job_id,
                Status.PREPARED,
                Status.SUBMITTING,
                message=JobNotice.SENDING,
                error="",
                balance_before=self._looks.before(job_id),
            )
            job = live_jobs.jobs.get(job_id) or job
        if job.status is not Status.SUBMITTING:  # somebody was faster
            self.rate.cancel(stamp)
            return
        live_jobs.update(job)
        self._submits.add(job_id)
        note = live_jobs.note(job)
        note.began = time.monotonic()
        note.fetched = (0, None)
        self._hand_out(job, Step.SUBMIT, stamp)
        model = model_to_send(self.work.home, job, source)
        self._pool.start(
            lambda: self.work.submit(
                job_id, job.request, model, lambda done, whole: live_jobs.note_download(job_id, done, whole)
            )
        )

    def _poll(self, job_id: str) -> None:
        live_jobs = self.live_jobs
        job = live_jobs.jobs.get(job_id)
        if job is None or job.status not in (Status.QUEUED, Status.RUNNING, Status.DOWNLOADING):
            live_jobs.touch()
            return
        task_id = job.task_id
        if not task_id:
            live_jobs.jobs.transition(
                job_id, job.status, Status.FAILED, message=JobNotice.NO_TASK, error=ErrorCode.NO_TASK
            )
            live_jobs.touch()
            return
        stamp = self.rate.reserve(Step.STATUS)
        if stamp is not None:
            self._hand_out(job, Step.STATUS, stamp)
            self._pool.start(lambda: self.work.poll(job_id, task_id))

    def _ask_balance(self) -> None:
        stamp = self.rate.reserve(Step.BALANCE)
        if stamp is not None:
            self._stamps[_BALANCE] = stamp
            self._looks.asked()
            self._pool.start(self.work.balance)

    def _hand_out(self, job: Job, step: Step, stamp: int) -> None:
        self.live_jobs.note(job).busy = step
        self._stamps[job.job_id] = stamp
        self.live_jobs.touch()

    def _say_uploading(self, now: float) -> None:
        """Write on the jobs whose models are being uploaded how much of each is sent."""
        live_jobs = self.live_jobs
        for job in live_jobs.live:
            if job.job_id not in self._submits:
                continue
            note = live_jobs.note(job)
            done, whole = note.fetched
            if not whole or now - note.said_at < SAY_SECONDS:
                continue
            note.said_at = now
            live_jobs.say(job, notices.uploading(done, whole) if done < whole else notice(JobNotice.SENDING))

    def _say_waiting(self, now: float, seconds: float) -> None:
        """Write on the jobs that are next in line why they wait, and how long."""
        live_jobs = self.live_jobs
        said = notices.waiting(seconds)
        waiting = [
            job
            for job in live_jobs.live
            if (job.status is Status.PREPARED and not live_jobs.note(job).is_held)
            or (job.status is Status.DOWNLOADING and not live_jobs.note(job).link)
        ]
        for job in waiting[:SAID_TO]:
            note = live_jobs.note(job)
            limited = job.error in ("", ErrorCode.RATE_LIMITED)
            if note.busy or (now < note.not_before and not limited) or now - note.said_at < LONGEST_WAIT - 0.5:
                continue
            note.said_at = now
            live_jobs.say(job, said)


def has_waited_too_long(job: Job, source: Job | None = None) -> bool:
    """Whether a job's press is so long ago that nobody expects it to be sent any more.

    A later step of a chain waits only since its ``source`` has been finished.
    """
    since = max(job.pressed_at or job.created_at, (source and source.finished_at) or 0.0)
    return abs(time.time() - since) > OLDEST_PRESS_SECONDS


def _key(message: Message) -> str:
    if isinstance(message, WasBalanced | BalanceMoved) or (
        isinstance(message, Failed) and message.step is Step.BALANCE
    ):
        return _BALANCE
    return message.job_id
