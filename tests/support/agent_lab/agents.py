"""Everything around an agent except Blender: a store, a sandbox, a converter, and agents to start and to kill."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sqlite3
import sys
import threading
import time
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from client.account import Account
from client.agent.converter.queue import Converter
from client.agent.launch import AgentProcess, start_agent
from client.agent.lease_keeper import LeaseKeeper
from client.agent.loop import Agent, Starter
from client.agent.messages import Message
from client.agent.tasks import Work
from client.jobs.images import ImageSource
from client.jobs.request import GenerationRequest
from client.jobs.states import ENDED, Status
from client.paths import Home
from client.schema import Kind
from client.service.api import TripoClient
from client.service.exceptions import NotSent
from client.store import BalanceTable, Job, JobTable, LeaseTable, NewJob, open_database
from client.store.blender_sessions import BlenderSession
from client.store.ledger import Ledger, Outcome
from client.store.rate_budget import RateTable
from client.timings import DEFAULT_MAX_BYTES, Timings
from sandbox import Sandbox

from ..checks import secrets
from ..sandbox_service.variety import vary
from .planned_converter import FakeConverter

KEY = "agent-test-key-0123456789abcdef"
"""Looked for where no key may be."""

FAST = Timings(
    tick=0.02,
    idle_exit=0.3,
    store_busy=0.3,
    leave=2.0,
    first_delay=0.05,
    longest_delay=0.2,
    disk_delay=0.1,
    rarest_look=0.2,
    about_task=0.4,
    about_key=0.4,
    same_bytes=0.4,
    connect=2.0,
    answer=2.0,
    silence=2.0,
    slow_window=0.6,
    slow_bytes=4096,
    converter_start=10.0,
    conversion=2.0,
    thumbnail=2.0,
    thumbnail_delay=0.0,
    thumbnails_alone=120.0,
    converter_idle=0.3,
)
SMALL = {"prompt": "a mug", "texture": False, "pbr": False, "face_limit": 500}
"""A request whose model is made in no time: 14 kB."""

PATIENCE = 4.0 if sys.platform == "win32" else 1.0
"""How much longer all may take where a process takes a second to start: what hangs is looked for, not what is slow."""


class TookTooLong(AssertionError):
    """What a test waited for did not happen."""


HANGS_AFTER = 120.0
"""Nothing takes so many seconds, however busy the machine is."""


def until(happened: Callable[[], Any], what: str, seconds: float = HANGS_AFTER) -> Any:
    """Wait for something and return it; raises TookTooLong with what is missing."""
    deadline = time.monotonic() + seconds * PATIENCE
    while time.monotonic() < deadline:
        if found := happened():
            return found
        time.sleep(0.01)
    raise TookTooLong(f"{what}: not within {seconds * PATIENCE:g} s")


@dataclass
class LocalAgent:
    """An agent on a thread of the test's own process."""

    agent: Agent
    thread: threading.Thread
    errors: list[BaseException]
    starter_gone: threading.Event

    def stop(self) -> None:
        self.agent.stop()
        self.join()

    def join(self, seconds: float = HANGS_AFTER) -> None:
        self.thread.join(seconds)
        if self.thread.is_alive():
            raise TookTooLong("the agent does not leave")
        if self.errors:
            raise self.errors[0]


def request_for(*, image_url: str = "", **parameters: Any) -> GenerationRequest:
    """A small request: of a text, or of an image on the web."""
    if image_url:
        return GenerationRequest(Kind.IMAGE, images=(ImageSource("image", url=image_url),))
    return GenerationRequest(Kind.TEXT, parameters={**SMALL, **parameters})


class World:
    """One home folder with its store, beside one sandbox. `close` ends what was started."""

    def __init__(self, root: Path, sandbox: Sandbox, *, key: str = KEY, limit: int = 600) -> None:
        self.sandbox = sandbox
        self.home = Home(root / "home")
        self.account = Account(sandbox.api_url, key, limit)
        self.converter = FakeConverter(root / f"converter-{uuid.uuid4().hex[:6]}")
        self.database = open_database(self.home, durable=False, busy_seconds=5.0)
        self.jobs = JobTable(self.database)
        self._blender = BlenderSession(self.database)
        self._processes: list[AgentProcess] = []
        self._local: list[LocalAgent] = []
        self._seed()

    def _seed(self) -> None:
        """Earlier jobs took half a second: the schedule then looks often."""
        if self.jobs.durations(Kind.TEXT.value, 1):
            return
        for _ in range(12):
            job_id = self.jobs.insert(NewJob("nobody", GenerationRequest(Kind.TEXT, parameters=SMALL)))
            self.database.connection.execute(
                "UPDATE job SET status = 'IMPORTED', hidden = 1, submitted_at = 1000, finished_at = 1000.5"
                " WHERE job_id = ?",
                (job_id,),
            )

    # What Blender does

    def press(self, account_id: str = "", **parameters: Any) -> str:
        """Write a job as a press of Generate does."""
        return self.jobs.insert(NewJob(account_id or self.account.account_id, request_for(**parameters)))

    def submitted(self, age: float = 30.0, **parameters: Any) -> str:
        """A job whose request was accepted a while ago, by another agent: QUEUED."""
        request = GenerationRequest(Kind.TEXT, parameters={**SMALL, **parameters})
        task_id = until(lambda: self._task_of(request), "the request is accepted")
        new = NewJob(self.account.account_id, request)
        job_id = self.jobs.insert(new, status=Status.QUEUED, task_id=task_id)
        self.jobs.update(job_id, Status.QUEUED, submitted_at=time.time() - age)
        Ledger(self.database).record_charge(self.job(job_id), Outcome.CHARGED, task_id)
        return job_id

    def _task_of(self, request: GenerationRequest) -> str:
        with contextlib.suppress(NotSent):  # as an agent does: what was certainly not sent is sent again
            return TripoClient(self.account).submit(request)
        return ""

    def job(self, job_id: str) -> Job:
        job = self.jobs.get(job_id)
        assert job is not None
        return job

    def reaches(self, job_id: str, *states: Status, seconds: float = HANGS_AFTER) -> Job:
        """Wait until a job is in one of the states."""

        def there() -> Job | None:
            job = self.jobs.get(job_id)
            return job if job is not None and job.status in states else None

        try:
            return until(there, f"{job_id} reaches {'/'.join(states)}", seconds)
        except TookTooLong as error:
            raise TookTooLong(f"{error}; it is {self.jobs.get(job_id)}\n{self.log()}") from None

    def ends(self, job_id: str, seconds: float = HANGS_AFTER) -> Job:
        return self.reaches(job_id, *ENDED, seconds=seconds)

    def go_online(self, online: bool) -> None:
        self._blender.write(may_go_online=online)

    @property
    def balances(self) -> BalanceTable:
        return BalanceTable(self.database)

    @property
    def leases(self) -> LeaseTable:
        return LeaseTable(self.database)

    def has_agent(self) -> bool:
        """What Blender asks before it starts an agent."""
        lease = self.leases.holder(self.account.account_id)
        return lease is not None and lease.is_fresh(time.monotonic())

    # Agents

    def start(
        self, *, timings: Timings = FAST, outlive: bool = False, wait: bool = True, **options: Any
    ) -> AgentProcess:
        """Start a real agent process, as soon as no other one counts as alive. It dies with the tests."""
        if wait:
            until(lambda: not self.has_agent(), "the lease of the last agent ends")
        options.setdefault("converter", self.converter.program)
        process = start_agent(
            self.home, self.account, python=sys.executable, outlive=outlive, timings=timings, **options
        )
        self._processes.append(process)
        return process

    def kill(self, process: AgentProcess) -> None:
        """kill -9."""
        os.kill(process.pid, signal.SIGKILL)
        until(lambda: process.exit_code() is not None, "the agent is dead")

    def freeze(self, process: AgentProcess) -> None:
        """Put an agent to sleep, but not while it holds the store's lock: others sleep too when a computer does."""
        connection = self.database.connection

        def stopped_without_lock() -> bool:
            os.kill(process.pid, signal.SIGSTOP)
            try:
                connection.execute("PRAGMA busy_timeout = 100")
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
            except sqlite3.OperationalError:
                os.kill(process.pid, signal.SIGCONT)
                return False
            finally:
                connection.execute("PRAGMA busy_timeout = 5000")
            return True

        until(stopped_without_lock, "the agent sleeps")

    def leaves(self, process: AgentProcess, seconds: float = HANGS_AFTER) -> int:
        """Wait for an agent to end by itself; its exit code."""
        until(lambda: process.exit_code() is not None, "the agent leaves", seconds)
        code = process.exit_code()
        assert code is not None
        return code

    def all_leave(self) -> None:
        """Wait until no agent process is left."""
        for process in self._processes:
            self.leaves(process)

    def run(
        self,
        *,
        timings: Timings = FAST,
        max_bytes: int = DEFAULT_MAX_BYTES,
        outlive: bool = True,
        window: float = 60.0,
        converter: tuple[str, ...] | None = None,
        client: TripoClient | None = None,
    ) -> LocalAgent:
        """Start an agent on a thread of this process: seconds faster than a real one, and it can be patched."""
        errors: list[BaseException] = []
        made: list[Agent] = []
        gone = threading.Event()
        program = self.converter.program if converter is None else converter

        def work() -> None:
            database = open_database(self.home, durable=True, busy_seconds=timings.store_busy, thorough=True)
            account, name = self.account, uuid.uuid4().hex
            lease_keeper = LeaseKeeper(LeaseTable(database), account.account_id, name, os.getpid())
            inbox: queue.Queue[Message] = queue.Queue()
            talk = client or TripoClient(account, timings=timings)
            made.append(
                Agent(
                    database,
                    self.home,
                    account.account_id,
                    RateTable(database, account.account_id, account.requests_per_minute, window),
                    lease_keeper,
                    Work(talk, self.home, inbox.put, lease_keeper.is_ours, max_bytes, timings),
                    inbox,
                    Converter(program, self.home, inbox.put, name, timings),
                    Starter(gone.is_set, outlive),
                    timings,
                )
            )
            try:
                made[0].run()
            except BaseException as error:
                errors.append(error)
            finally:
                with contextlib.suppress(Exception):
                    lease_keeper.stop()
                database.close()

        thread = threading.Thread(target=work, name="agent-under-test")
        thread.start()
        until(lambda: made or errors, "the agent is made")
        if not made:
            raise errors[0]
        local = LocalAgent(made[0], thread, errors, gone)
        self._local.append(local)
        return local

    # What is left

    def log(self) -> str:
        return self.home.log.read_text() if self.home.log.exists() else ""

    def leftovers(self) -> list[str]:
        """Temporary files and folders that should not be there any more."""
        inside = [path for folder in (self.home.downloads, self.home.scratch) for path in folder.iterdir()]
        inside += self.home.results.rglob("*.partial*")
        inside += [
            path
            for path in self.home.results.rglob("*")
            if path.suffix in ("", ".etag", ".part", ".whole") and path.is_file()
        ]
        return sorted(str(path.relative_to(self.home.root)) for path in inside)

    @property
    def submissions(self) -> int:
        """How many requests the service has taken money for, of this world's account."""
        return len(self.sandbox.state["submissions"])

    def spent(self) -> Decimal:
        """What the ledger says."""
        return Decimal(sum(entry.credits for entry in Ledger(self.database).entries()))

    def close(self) -> None:
        """End everything; the key must be in no file of the home and in no process of ours."""
        leaks = secrets.in_processes(self.account.api_key, [str(self.home.root)])
        self._end()
        leaks += secrets.in_files(self.account.api_key, self.home.root)
        assert not leaks, f"the key is in {leaks}"

    def _end(self) -> None:
        for local in self._local:
            if local.thread.is_alive():
                local.agent.stop()
        for local in self._local:
            local.thread.join(30)
        for process in self._processes:
            if process.exit_code() is None:
                process.leave()
        for process in self._processes:
            try:
                until(lambda one=process: one.exit_code() is not None, "the agent leaves", 10.0)
            except TookTooLong:
                self.kill(process)
            process.hang_up()
        self._blender.end()
        self.database.close()


@contextlib.contextmanager
def world(root: Path, *, key: str = KEY, limit: int = 600, **settings: Any) -> Generator[World]:
    """A world with a sandbox of its own: unlimited, and every model is made at once."""
    chosen: dict[str, Any] = {"requests_per_minute": 0, "seconds": 0.0, "keys": (key,), "credits": 100_000}
    chosen |= vary(root.name)
    with Sandbox(**(chosen | settings)) as sandbox:
        made = World(root, sandbox, key=key, limit=limit)
        try:
            yield made
        finally:
            made.close()
