"""The agent's main loop: decides what to do next, hands it to threads, writes down what came of it.

Only this loop writes to the store. A paid or irreversible step is written before it is handed out and after it.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from ..errors import RateLimited
from ..home import Home
from ..schedule import Balance, Decision, Poll, Submit, Wait, WaitReason, Watched, decide
from ..states import LIVE, Status
from ..store import BalanceTable, Database, Job, JobTable, LeaseTable, RateTable
from ..store.lease import BEAT_SECONDS
from ..store.ledger import Ledger
from .conversion import Converter
from .memory import JobMemory, forecast_key
from .messages import Failed, Message, WasBalanced, WasConverted, WasFetched, WasPolled, WasSubmitted
from .outcomes import Outcomes
from .work import Work

log = logging.getLogger(__name__)

TICK_SECONDS = 0.1
IDLE_EXIT_SECONDS = 10.0
PRESSED_SECONDS = 15.0
REQUEST_THREADS = 4
DOWNLOAD_THREADS = 3
HISTORY_LENGTH = 30
ONLINE_SETTING = "online"
"""Store setting: "0" while Blender's online access is switched off."""


class Agent:
    """Works one account's jobs until none is left.

    ``starter_gone`` tells whether the Blender that started us has hung up; ``outlive`` whether we go on then.
    """

    def __init__(
        self,
        database: Database,
        home: Home,
        account_id: str,
        limit: int,
        work: Work,
        inbox: queue.SimpleQueue[Message],
        converter: Converter,
        *,
        name: str,
        pid: int,
        starter_gone: Callable[[], bool],
        outlive: bool,
    ) -> None:
        self.database = database
        self.account_id = account_id
        self.jobs = JobTable(database)
        self.balances = BalanceTable(database)
        self.leases = LeaseTable(database)
        self.rate = RateTable(database, account_id, limit)
        self.outcomes = Outcomes(self.jobs, Ledger(database), home)
        self.work = work
        self.inbox = inbox
        self.converter = converter
        self.name = name
        self.pid = pid
        self.starter_gone = starter_gone
        self.outlive = outlive
        self.memory: dict[str, JobMemory] = {}
        self.history: dict[str, tuple[float, ...]] = {}
        self.live: list[Job] = []
        self.stamps: dict[str, int] = {}
        self.balance_busy = False
        self.online = True
        self._requests = ThreadPoolExecutor(REQUEST_THREADS, "request")
        self._downloads = ThreadPoolExecutor(DOWNLOAD_THREADS, "download")
        self._stop = threading.Event()
        self._next_beat = 0.0
        self._next_decision = 0.0
        self._seen_version = -1
        self._busy_until = 0.0

    def run(self) -> None:
        """Work until nothing is left, the lease is lost, or the agent is told to stop."""
        self._recover()
        self._busy_until = time.monotonic() + IDLE_EXIT_SECONDS
        while not self._stop.is_set() and self._tick():
            self._wait_for_news()
        self._stop.set()
        self._requests.shutdown(wait=True, cancel_futures=True)
        self._drain()
        self._downloads.shutdown(wait=True, cancel_futures=True)
        self._drain()
        self.converter.close()

    def stop(self) -> None:
        """Ask the loop to end soon; safe to call from a signal handler."""
        self._stop.set()

    def _tick(self) -> bool:
        """Do everything that is due; returns False when the agent should leave."""
        now = time.monotonic()
        if now >= self._next_beat:
            if not self.leases.take(self.account_id, self.name, self.pid):
                log.warning("another agent has taken over")
                return False
            self._next_beat = now + BEAT_SECONDS
        self._drain()
        self._look()
        if self.starter_gone() and (not self.outlive or not self.online):
            return False
        if self.live or self.balances.read(self.account_id).pending:
            self._busy_until = now + IDLE_EXIT_SECONDS
        elif now > self._busy_until:
            return False
        if self.online:
            self._start_downloads(now)
            self._start_request(now)
        self._start_conversions()
        return True

    def _recover(self) -> None:
        """Take over from an agent that is gone: nothing it was in the middle of is done twice."""
        self.rate.settle_abandoned()
        for job in self.jobs.in_states([Status.SUBMITTING], self.account_id):
            self.jobs.transition(
                job.job_id,
                Status.SUBMITTING,
                Status.UNCERTAIN,
                error="NO_ANSWER",
                message="The work was interrupted while this was being sent: it may have been charged",
            )

    def _look(self) -> None:
        """Read the store again when somebody else has written to it."""
        version = self.database.data_version()
        if version == self._seen_version:
            return
        self._seen_version = version
        self._read_jobs()
        online = self.database.setting(ONLINE_SETTING) != "0"
        if online and not self.online:
            self._next_decision = 0.0
        self.online = online

    def _read_jobs(self) -> None:
        before = {job.job_id for job in self.live}
        self.live = self.jobs.in_states(LIVE, self.account_id)
        ids = {job.job_id for job in self.live}
        if ids - before:
            self._next_decision = 0.0
        for gone in set(self.memory) - ids:
            if not self.memory[gone].busy:
                del self.memory[gone]

    def _note(self, job_id: str) -> JobMemory:
        return self.memory.setdefault(job_id, JobMemory())

    # Requests to the API

    def _start_request(self, now: float) -> None:
        if now < self._next_decision:
            return
        budget = self.rate.budget(now)
        decision = self._decide(now)
        match decision:
            case Wait(seconds, reason):
                self._next_decision = now + min(seconds, 5.0)
                if reason in (WaitReason.RATE_LIMIT, WaitReason.PENALTY):
                    self._say_waiting(budget.next_slot(now) - now)
            case Submit(job_id):
                self._submit(job_id)
            case Poll(job_id):
                self._poll(job_id)
            case Balance():
                self._ask_balance()

    def _decide(self, now: float) -> Decision:
        budget = self.rate.budget(now)
        idle = [job for job in self.live if self._is_due(job, now)]
        linkless = [job for job in idle if job.status is Status.DOWNLOADING and not self._note(job.job_id).link]
        if linkless and budget.next_slot(now) <= now:
            return Poll(linkless[0].job_id)
        prepared = [job.job_id for job in idle if job.status is Status.PREPARED]
        pressed = [job.job_id for job in idle if job.job_id in prepared and self._was_just_pressed(job)][:1]
        return decide(
            now,
            [self._watched(job, now) for job in idle if job.status in (Status.QUEUED, Status.RUNNING)],
            budget,
            pressed=pressed,
            queued=[job_id for job_id in prepared if job_id not in pressed],
            wants_balance=not self.balance_busy and self.balances.read(self.account_id).pending,
        )

    def _is_due(self, job: Job, now: float) -> bool:
        note = self._note(job.job_id)
        return not note.busy and now >= note.not_before

    def _was_just_pressed(self, job: Job) -> bool:
        return abs(time.time() - job.created_at) < PRESSED_SECONDS

    def _watched(self, job: Job, now: float) -> Watched:
        age = max(0.0, time.time() - (job.submitted_at or job.created_at))
        return Watched(job.job_id, now - age, tuple(self._note(job.job_id).observations), self._history(job))

    def _history(self, job: Job) -> tuple[float, ...]:
        key = forecast_key(job.request)
        if key not in self.history:
            durations = self.jobs.durations(job.kind, HISTORY_LENGTH * 4)
            fitting = [seconds for request, seconds in durations if forecast_key(request) == key]
            self.history[key] = tuple(fitting[:HISTORY_LENGTH])
        return self.history[key]

    def _submit(self, job_id: str) -> None:
        job = self.jobs.get(job_id)
        stamp = self.rate.take("submit")
        if job is None or stamp is None:
            self._give_back(stamp)
            return
        if not self.jobs.transition(job_id, Status.PREPARED, Status.SUBMITTING, message="Sending the request"):
            self._give_back(stamp)
            return
        self._hand_out(job_id, "submit", stamp, lambda: self.work.submit(job_id, job.request))

    def _poll(self, job_id: str) -> None:
        job = self.jobs.get(job_id)
        if job is None or not job.task_id:
            self._note(job_id).not_before = time.monotonic() + 3600.0
            return
        task_id = job.task_id
        stamp = self.rate.take("status")
        if stamp is not None:
            self._hand_out(job_id, "status", stamp, lambda: self.work.poll(job_id, task_id))

    def _ask_balance(self) -> None:
        stamp = self.rate.take("balance")
        if stamp is not None:
            self.balance_busy = True
            self.stamps["balance"] = stamp
            self._requests.submit(self.work.balance)

    def _hand_out(self, job_id: str, step: str, stamp: int, run: Callable[[], None]) -> None:
        self._note(job_id).busy = step
        self.stamps[job_id] = stamp
        self._requests.submit(run)
        self._read_jobs()

    def _give_back(self, stamp: int | None) -> None:
        if stamp is not None:
            self.rate.cancel(stamp)
        self._read_jobs()

    def _say_waiting(self, seconds: float) -> None:
        """Tell the jobs that are next in line why they wait, to the nearest five seconds."""
        rounded = max(5, round(seconds / 5) * 5)
        text = f"Waiting for the service's rate limit, {rounded} s"
        for job in [job for job in self.live if job.status is Status.PREPARED][:3]:
            if job.message != text and not job.error:
                self.jobs.update(job.job_id, Status.PREPARED, message=text)
                self._seen_version = -1

    # Downloads and conversions

    def _start_downloads(self, now: float) -> None:
        for job in self.live:
            note = self._note(job.job_id)
            if job.status is Status.DOWNLOADING and note.link and self._is_due(job, now):
                note.busy = "download"
                job_id, link = job.job_id, note.link
                self._downloads.submit(self.work.fetch, job_id, link, lambda _d, _w, j=job_id: self._keep_on(j))

    def _keep_on(self, job_id: str) -> bool:
        """Asked from a download's thread: still wanted?"""
        return self.online and not self._stop.is_set() and any(job.job_id == job_id for job in self.live)

    def _start_conversions(self) -> None:
        for job in self.live:
            note = self._note(job.job_id)
            if job.status in (Status.RUNNING, Status.DOWNLOADING):
                self.converter.warm_up()
            if job.status is Status.CONVERTING and not note.busy:
                note.busy = "convert"
                self.converter.convert(job.job_id, job.file, job.name)
        if not self.live:
            self.converter.rest()

    # What came back

    def _wait_for_news(self) -> None:
        try:
            self._handle(self.inbox.get(timeout=TICK_SECONDS))
        except queue.Empty:
            return

    def _drain(self) -> None:
        while True:
            try:
                self._handle(self.inbox.get_nowait())
            except queue.Empty:
                return

    def _handle(self, message: Message) -> None:
        self._next_decision = 0.0
        self._seen_version = -1
        if isinstance(message, WasBalanced) or (isinstance(message, Failed) and message.step == "balance"):
            self._handle_balance(message)
            return
        note = self._note(message.job_id)
        note.busy = ""
        stamp = self.stamps.pop(message.job_id, None)
        if stamp is not None:
            self.rate.settle(stamp)
        job = self.jobs.get(message.job_id)
        if job is None:
            return
        match message:
            case WasSubmitted():
                note.succeeded()
                self.outcomes.submitted(job, message)
            case WasPolled():
                self.outcomes.polled(job, message, note, self._history(job))
            case WasFetched():
                note.succeeded()
                self.outcomes.fetched(job, message)
                self.history.clear()
            case WasConverted():
                self.outcomes.converted(job, message)
            case Failed():
                self._slow_down(self.outcomes.failed(job, message, note), note.not_before)

    def _handle_balance(self, message: WasBalanced | Failed) -> None:
        self.balance_busy = False
        stamp = self.stamps.pop("balance", None)
        if stamp is not None:
            self.rate.settle(stamp)
        if isinstance(message, WasBalanced):
            self.balances.answer(self.account_id, message.credits)
        elif isinstance(message.error, RateLimited):
            self._slow_down(message.error, time.monotonic() + 60.0)
        elif message.error.code != "NOT_FOUND" or not self.work.client.has_other_wallet:
            self.balances.fail(self.account_id, message.error.user_message)

    def _slow_down(self, error: RateLimited | None, not_before: float) -> None:
        if error is not None:
            self.rate.refused(error.retry_after, not_before - time.monotonic())
