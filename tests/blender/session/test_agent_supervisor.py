"""An agent that dies or hangs is replaced, a few times; one that another Blender started is taken over from."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine.releases import oldest
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = [pytest.mark.usefixtures("short_past"), oldest]

SOON = 30.0


class Blender:
    """This Blender as if it had a window: it is ticked, and never waits for a job."""

    def __init__(self, package: Package, sandbox: SandboxControl) -> None:
        self.package = package
        self.sandbox = sandbox
        self.session: Any = package("session.current").session()
        self.account: Any = package("properties.account").get_account(bpy.context)

    def press(self) -> str:
        request = self.package("client.jobs.request").GenerationRequest(
            self.package("client.schema").TEXT, parameters={"prompt": "a cup"}
        )
        return str(self.session.submit(self.account, request, "{}", ""))

    def until(self, happened: Callable[[], Any], what: str, seconds: float = SOON) -> Any:
        """Tick until something has happened."""
        deadline = time.monotonic() + seconds
        while True:
            self.session.tick(deliver=False)
            if found := happened():
                return found
            assert time.monotonic() < deadline, what
            time.sleep(0.02)

    def worker(self) -> int:
        """The process id of the agent that is at work, or 0."""
        holder = self.package("client.store").LeaseTable(self.session.database).holder(self.account.account_id)
        return holder.pid if holder is not None and holder.is_fresh(time.monotonic()) else 0

    def status(self, job_id: str) -> str:
        return str(self.session.jobs.get(job_id).status.value)

    def finishes(self, job_id: str) -> None:
        """See the job to its end, paid once."""
        self.sandbox.finish()
        self.until(lambda: self.status(job_id) == "READY", "the job ends", 60)
        assert len(self.sandbox.state()["submissions"]) == 1


@pytest.fixture
def blender(package: Package, sandbox: SandboxControl, extension: str) -> Iterator[Blender]:
    sandbox.settings(requests_per_minute=0, seconds=1000.0)
    preferences = package("properties.preferences").get_preferences(bpy.context)
    preferences.requests_per_minute = 120
    yield Blender(package, sandbox)
    preferences.property_unset("requests_per_minute")
    package("session.current").close(stop_agent=True)


def test_a_killed_agent_is_replaced_at_once(blender: Blender) -> None:
    job_id = blender.press()
    blender.until(lambda: blender.status(job_id) == "QUEUED", "the job is at the service")
    first = blender.worker()
    os.kill(first, signal.SIGKILL)
    blender.until(lambda: blender.worker() not in (0, first), "another agent is at work", 5.0)
    assert not blender.package("properties.window").window_state().notice
    blender.finishes(job_id)


def test_an_agent_that_keeps_dying_is_told_of(blender: Blender, monkeypatch: pytest.MonkeyPatch) -> None:
    watch: Any = blender.package("session.agent_supervisor")
    monkeypatch.setattr(watch, "_START_SECONDS", 0.0)
    monkeypatch.setattr(watch, "_LOOK_SECONDS", 0.0)
    job_id = blender.press()
    killed: set[int] = set()

    def notice() -> str:
        process = blender.session.agent.process
        if process.pid not in killed:
            killed.add(process.pid)
            os.kill(process.pid, signal.SIGKILL)
        return str(bpy.context.window_manager.tripo.notice)

    assert "keeps stopping" in blender.until(notice, "the artist is told")
    assert len(killed) == 1 + 5, "the first one and five more"
    last = blender.session.agent.process
    blender.until(lambda: last.exit_code() is not None, "the last one is dead")
    for _ in range(5):
        blender.session.tick(deliver=False)
    assert blender.session.agent.process is last, "no more are started"
    assert blender.session.agent.watch(blender.account, True, time.monotonic() + 301.0) == "", "but five minutes later"
    assert blender.session.agent.process is not last
    blender.until(lambda: blender.status(job_id) == "QUEUED", "it works")
    blender.finishes(job_id)


def test_a_hung_agent_of_ours_is_ended_and_replaced(blender: Blender) -> None:
    job_id = blender.press()
    blender.until(lambda: blender.status(job_id) == "QUEUED", "the job is at the service")
    hung = blender.session.agent.process
    os.kill(hung.pid, signal.SIGSTOP)
    blender.until(lambda: blender.worker() not in (0, hung.pid), "another agent is at work")
    assert hung.exit_code() is not None, "the hung one is gone"
    blender.finishes(job_id)


def test_a_hung_agent_of_another_blender_is_taken_over_from(blender: Blender) -> None:
    """It sleeps through the submit of a job that it knew, and wakes up when that was sent by another."""
    launch, home = blender.package("client.agent.launch"), blender.session.home
    blender.session._in_store.write(may_go_online=False)
    theirs = launch.start_agent(home, blender.account, python=sys.executable)
    try:
        request = blender.package("client.jobs.request").GenerationRequest(
            blender.package("client.schema").TEXT, parameters={"prompt": "a cup"}
        )
        new = blender.package("client.store").NewJob(blender.account.account_id, request)
        job_id = blender.session.jobs.insert(new)
        deadline = time.monotonic() + SOON
        while not blender.session.jobs.get(job_id).message:
            assert time.monotonic() < deadline, "the other Blender's agent says why it waits"
            time.sleep(0.02)
        os.kill(theirs.pid, signal.SIGSTOP)
        blender.session._in_store.write(may_go_online=True)
        blender.until(lambda: blender.worker() not in (0, theirs.pid), "our agent has taken over")
        blender.until(lambda: blender.status(job_id) == "QUEUED", "our agent has sent it")
        os.kill(theirs.pid, signal.SIGCONT)
        blender.until(lambda: theirs.exit_code() is not None, "the other one leaves")
        assert theirs.exit_code() == 0
        blender.finishes(job_id)
    finally:
        theirs.kill()
        theirs.hang_up()
        blender.until(lambda: theirs.exit_code() is not None, "it is gone")


class Agent:
    """An agent process that does nothing but note what is done to it."""

    def __init__(self) -> None:
        self.pid = 999_999_999
        self.code: int | None = None
        self.done: list[str] = []

    def exit_code(self) -> int | None:
        return self.code

    def leave(self) -> None:
        self.done.append("leave")

    def kill(self) -> None:
        self.done.append("kill")
        self.code = -9

    def hang_up(self) -> None:
        pass


@pytest.fixture
def clockwork(blender: Blender, monkeypatch: pytest.MonkeyPatch) -> tuple[Agent, Callable[[float], str], Any]:
    """An agent of clockwork, a way to look at it at a second of our choice, and the leases."""
    watch: Any = blender.package("session.agent_supervisor")
    agent = Agent()
    monkeypatch.setattr(watch, "start_agent", lambda *_arguments, **_options: agent)
    keeper = watch.AgentSupervisor(blender.session.home, blender.session.database, (), lambda: (True, 2**31))
    began = time.monotonic() + 100.0
    leases = blender.package("client.store").LeaseTable(blender.session.database)
    return agent, lambda second: keeper.watch(blender.account, True, began + second), leases


def test_what_is_starting_has_time(clockwork: tuple[Agent, Callable[[float], str], Any]) -> None:
    agent, look, _leases = clockwork
    for second in range(55):
        look(second)
    assert not agent.done
    for second in range(55, 70):
        look(second)
    assert agent.done == ["leave", "kill"]


def test_after_a_sleep_the_agent_has_time_to_beat(
    clockwork: tuple[Agent, Callable[[float], str], Any], blender: Blender
) -> None:
    """A laptop that wakes up, a render that held us: the lease looks old, and nobody hangs."""
    agent, look, leases = clockwork
    leases.acquire(blender.account.account_id, "the agent", agent.pid)
    for second in (0, 1, 2, 3, 500, 501, 502, 503, 504, 505):
        look(second)
    assert not agent.done
    for second in range(506, 520):
        look(second)
    assert agent.done == ["leave", "kill"]


def test_an_agent_that_holds_the_lock_is_ended(
    clockwork: tuple[Agent, Callable[[float], str], Any], blender: Blender, home: Path
) -> None:
    """Stopped in the middle of a write it keeps everybody out of the store; it must not be safe for that reason."""
    agent, look, leases = clockwork
    leases.acquire(blender.account.account_id, "the agent", agent.pid)
    look(0)
    place = blender.package("client.paths").Home(home)
    other = blender.package("client.store").open_database(place, durable=False, busy_seconds=0.0)
    other.connection.execute("BEGIN IMMEDIATE")
    for second in range(1, 20):
        if "kill" not in agent.done:
            look(second)
    other.connection.execute("ROLLBACK")
    other.close()
    assert agent.done == ["leave", "kill"]


def test_an_agent_that_waits_for_the_disk_is_left_alone(
    clockwork: tuple[Agent, Callable[[float], str], Any], blender: Blender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody can write it may hold the answer to a paid request, and wait for room to write it down."""
    agent, look, leases = clockwork
    leases.acquire(blender.account.account_id, "the agent", agent.pid)
    blender.session.database.connection.execute("PRAGMA query_only = 1")
    for second in range(30):
        look(second)
    blender.session.database.connection.execute("PRAGMA query_only = 0")
    assert not agent.done
