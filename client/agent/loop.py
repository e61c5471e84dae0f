# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the agent's main loop: read the store, start tasks, write their results.

Only this loop writes to the store. A paid or irreversible step is written before it is handed out and after it. What
a thread reports is kept until it could be written: a store that is locked, full or damaged delays the work, it does
not end it.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..jobs.notices import JobNotice
from ..jobs.states import Status
from ..notices import Notice, notice, text
from ..paths import Home
from ..service.retry import Step
from ..store import Database, Job, is_busy, is_damage, is_our_mistake, reopen, start_anew
from ..store.ledger import Ledger
from ..store.rate_budget import RateTable
from ..store.result_cache import Keeper
from ..timings import Timings
from .converter.queue import Converter
from .dead_agents import sweep
from .flattening import Flattening
from .key_change import adopt, return_to_former_account
from .lease_keeper import LeaseKeeper
from .live_jobs import LiveJobs
from .messages import (
    AboutBalance,
    AboutJob,
    Extra,
    Failed,
    ImagesFlattened,
    Message,
    ModelExported,
    WasConverted,
    WasFetched,
    WasPolled,
    WasSaved,
    WasStopped,
    WasSubmitted,
)
from .model_input import ModelInput
from .requests import RequestScheduler
from .results import Results
from .tasks import Work
from .transitions import JobTransitions

log = logging.getLogger(__name__)

TROUBLE_SECONDS = 0.5
"""Pause before the store is tried again."""
MOST_ERRORS = 5
"""Errors of our own in a row after which the agent ends rather than repeat them for ever."""


@dataclass(frozen=True)
class Starter:
    """The Blender that started the agent: whether it has hung up, and whether to go on then."""

    is_gone: Callable[[], bool]
    outlive: bool = True


class Agent:
    """Works one account's jobs until none is left."""

    def __init__(
        self,
        database: Database,
        home: Home,
        account_id: str,
        rate: RateTable,
        lease_keeper: LeaseKeeper,
        work: Work,
        inbox: queue.Queue[Message],
        converter: Converter,
        starter: Starter,
        timings: Timings,
    ) -> None:
        self.database = database
        self.home = home
        self.lease_keeper = lease_keeper
        self.inbox = inbox
        self.converter = converter
        self.starter = starter
        self.timings = timings
        self.live_jobs = LiveJobs(database, account_id)
        self.transitions = JobTransitions(self.live_jobs.jobs, Ledger(database), home, timings)
        self.requests = RequestScheduler(self.live_jobs, rate, work, lease_keeper.holds_lease)
        self.flattening = Flattening(self.live_jobs, home, converter)
        self.model_input = ModelInput(self.live_jobs, home, converter)
        self.keeper = Keeper(database, home)
        self.results = Results(self.live_jobs, work, converter, self.transitions, lease_keeper)
        self._is_stopped = False
        self._unwritten: Message | None = None
        self._recovered = False
        self._has_new_store = False
        self._began = time.monotonic()
        self._busy_until = 0.0
        self._trouble_since: float | None = None
        self._errors = 0
        database.add_secret(work.client.account.api_key)

    def run(self) -> None:
        """Work until nothing is left, the lease is lost, or the agent is told to stop."""
        self._busy_until = time.monotonic() + self.timings.idle_exit
        try:
            while not self._is_stopped and self._step():
                self._wait_for_news()
        finally:
            self._leave()

    def stop(self) -> None:
        """Ask the loop to end soon; safe to call from any thread and from a signal handler.

        A handler runs between any two steps of the main thread: a lock that this took (an Event has one) might be held
        by that very thread, which would then never leave.
        """
        self._is_stopped = True

    # One round

    def _step(self) -> bool:
        """Do one round; return False when the agent should leave."""
        try:
            going = self._tick()
        except Exception as error:
            if isinstance(error, sqlite3.Error) and not is_our_mistake(error):
                return self._handle_store_failure(error)
            self._errors += 1
            log.exception("a round went wrong")
            if self._errors >= MOST_ERRORS:
                raise
            return True
        self._errors = 0
        if self._trouble_since is not None:
            log.info("the store can be used again")
            self._trouble_since = None
        return going

    def _tick(self) -> bool:
        if not self.database.is_in_place():
            self._move_to_new_store()
        if not self.lease_keeper.renew():
            log.warning("another agent has taken over")
            return False
        if self.lease_keeper.was_away():
            self._recovered = False
        if self._has_new_store:
            self._restore_jobs()
        if not self._recovered:
            self._recover()
        self._drain()
        self._read_store()
        now = time.monotonic()
        if self._is_left_alone():
            return False
        if self.live_jobs.live or self.live_jobs.wants_balance or self.results.has_extras:
            self._busy_until = now + self.timings.idle_exit
        elif now > self._busy_until:
            return False
        self.results.step(now)
        self.keeper.step(now)
        if self.live_jobs.online:
            self.flattening.step(now)
            self.model_input.step(now)
            self.requests.step(now)
        return True

    def _recover(self) -> None:
        """Take over from an agent that is gone: nothing it was in the middle of is done twice."""
        self.requests.rate.complete_abandoned()
        sweep(self.home, self.database, self.live_jobs.account_id, self.lease_keeper.name)
        for job in self.live_jobs.jobs.in_states([Status.SUBMITTING], self.live_jobs.account_id):
            if self.requests.is_sending(job.job_id):
                continue  # our own, which was not cut off by a sleep
            with self.database.transaction():
                self.transitions.cut_off(job)
        self.results.thumbnails.request_missing()
        self._recovered = True

    def _read_store(self) -> None:
        was_online = self.live_jobs.online
        if self.live_jobs.read():
            self.requests.hurry()
        if not self.live_jobs.online:
            self._say(notice(JobNotice.OFFLINE))
        elif not was_online:
            self._say(text(""), instead_of=JobNotice.OFFLINE.code)

    def _say(self, said: Notice, *, instead_of: str | None = None) -> None:
        """Give every job that needs the network the same message."""
        for job in self.live_jobs.live:
            waits = job.status not in (Status.CONVERTING, Status.SUBMITTING)
            if waits and instead_of in (None, job.notice.code):
                self.live_jobs.say(job, said)

    def _is_left_alone(self) -> bool:
        """Whether Blender is gone and nothing can or should be done without it."""
        if not self.starter.is_gone():
            return False
        live = self.live_jobs.live
        if not self.starter.outlive or time.monotonic() - self._began > self.timings.watch:
            return True
        if not self.live_jobs.online:
            return not any(job.status is Status.CONVERTING for job in live)
        # What is not paid and cannot be sent does not keep a process alive; the next Blender takes it up.
        return bool(live) and all(self.model_input.cannot_be_sent(job) for job in live)

    # What came back

    def _wait_for_news(self) -> None:
        # In CPython 3.11 `SimpleQueue.get` waits for ever when a signal arrives at the end of its time limit.
        if self._unwritten is not None or self._trouble_since is not None:
            time.sleep(TROUBLE_SECONDS)
            return
        try:
            self._unwritten = self.inbox.get(timeout=self.timings.tick)
        except queue.Empty:
            return

    def _drain(self) -> None:
        """Write down everything that has come; what cannot be written is kept for the next round."""
        while True:
            if self._unwritten is None:
                try:
                    self._unwritten = self.inbox.get_nowait()
                except queue.Empty:
                    return
            message = self._unwritten
            try:
                with self.database.transaction():
                    job = self._handle(message)
                if job is not None:
                    self.live_jobs.update(job)
            except Exception as error:
                if isinstance(error, sqlite3.Error) and not is_our_mistake(error):
                    raise
                log.exception("%s could not be dealt with", type(message).__name__)
                if isinstance(message, WasSubmitted):
                    self.transitions.write_task(message)
            self._end_request(message)
            self._unwritten = None

    def _handle(self, message: Message) -> Job | None:
        """Write what a message means; return the changed job."""
        if isinstance(message, Extra):
            if self.lease_keeper.is_ours():
                self.results.finish_extra(message)
            return None
        self.requests.complete(message)
        if isinstance(message, AboutBalance) or (isinstance(message, Failed) and message.step is Step.BALANCE):
            self.requests.balanced(message)
            return None
        job = self.live_jobs.jobs.get(message.job_id)
        if job is None:
            log.warning("there is no job %s any more", message.job_id)
            return None
        # When another agent has taken over, only one thing is still ours to say: what was paid for.
        if self.lease_keeper.is_ours() or isinstance(message, WasSubmitted):
            self._handle_job(job, message)
        return self.live_jobs.jobs.get(message.job_id)

    def _handle_job(self, job: Job, message: AboutJob) -> None:
        note = self.live_jobs.note(job)
        match message:
            case WasSubmitted():
                note.succeeded()
                note.began = time.monotonic()
                self.transitions.submitted(job, message)
            case WasPolled():
                job = adopt(self.live_jobs.jobs, self.transitions.ledger, job)
                self.transitions.polled(job, message, note, self.live_jobs.history(job))
            case WasFetched():
                note.succeeded()
                self.live_jobs.forget_history()
                self.transitions.fetched(job, message, note)
                self.keeper.run_soon()
            case WasStopped():
                note.not_before = 0.0
            case WasSaved():
                self.results.saved(job, message)
            case WasConverted():
                note.succeeded()
                self.transitions.converted(job, message)
                self.keeper.run_soon()
                self.results.converted(job)
            case ImagesFlattened():
                note.succeeded()
                self.flattening.finish(job, message)
            case ModelExported():
                note.succeeded()
                self.model_input.finish(job, message)
            case Failed(step=Step.STATUS) if return_to_former_account(self.live_jobs.jobs, job, message.error):
                pass
            case Failed():
                limited = self.transitions.failed(job, message, note)
                if limited is not None:
                    self.requests.slow_down(limited, note.not_before - time.monotonic())

    def _end_request(self, message: Message) -> None:
        """Forget that something was under way, once its outcome is written."""
        if isinstance(message, Extra):
            return
        self.requests.forget(message)
        self.requests.hurry()
        self.live_jobs.touch()
        if isinstance(message, AboutBalance) or (isinstance(message, Failed) and message.step is Step.BALANCE):
            return
        self.live_jobs.release(message.job_id)
        if not isinstance(message, WasSubmitted | WasPolled):
            self.results.ended(message.job_id)
        if isinstance(message, WasStopped):
            self.results.stopped_early(message.job_id)

    # Trouble with the store

    def _handle_store_failure(self, error: sqlite3.Error) -> bool:
        """Handle a failing store. Return False when the agent should give up."""
        now = time.monotonic()
        if self._trouble_since is None:
            self._trouble_since = now
            log.error("the store cannot be used: %s", error)
        if is_damage(error):
            try:
                start_anew(self.database)
                self._has_new_store = True
            except (sqlite3.Error, OSError) as worse:
                log.error("no new store can be started: %s", worse)
        elif not is_busy(error) and not self.requests.is_submitting and self.starter.is_gone():
            return now - self._trouble_since < self.timings.store_trouble
        return True

    def _move_to_new_store(self) -> None:
        """Follow when the store was removed, or set aside by another process that found it damaged."""
        log.warning("the store is no longer in its place")
        try:
            self.home.prepare()
            reopen(self.database)
        except OSError as error:
            raise sqlite3.OperationalError(str(error)) from error
        self._has_new_store = True

    def _restore_jobs(self) -> None:
        """Write the live jobs as we know them into a new store: whoever holds the lease knows best."""
        self.live_jobs.touch()
        with self.database.transaction():
            for job in self.live_jobs.live:
                self.live_jobs.jobs.restore(job)
        self._has_new_store = False
        log.warning("%d live jobs were put into the new store", len(self.live_jobs.live))

    # The end

    def _leave(self) -> None:
        """Wait for the answer to a submit, for as long as it takes, and until it is written; stop everything else."""
        self._is_stopped = True
        self.results.stopped = True
        self.converter.close()
        began = time.monotonic()
        patience = began + self.timings.leave
        while True:
            written = self._try_to_write()
            now = time.monotonic()
            if self.requests.is_submitting and (written or now - began < self.timings.store_trouble):
                patience = now + self.timings.leave
            done = written and not self.requests.is_submitting and not self.results.is_downloading
            if done or now > patience:
                break
            if self._unwritten is None:
                with contextlib.suppress(queue.Empty):
                    self._unwritten = self.inbox.get(timeout=self.timings.tick)
            else:
                time.sleep(self.timings.tick)
        if not written:  # the next agent tidies up as well; a store that is busy would hold us up once more
            return
        try:
            sweep(self.home, self.database, self.live_jobs.account_id, self.lease_keeper.name)
        except sqlite3.Error as error:
            log.warning("nothing was tidied up: %s", error)

    def _try_to_write(self) -> bool:
        try:
            self.lease_keeper.renew()
            self._drain()
        except sqlite3.Error as error:
            log.warning("the store cannot be written: %s", error)
            return False
        return True
