"""An agent beside a load of six: it keeps its lease, and whoever dies is still replaced."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from client.agent.main import EXIT_OK
from client.jobs.states import Status
from support.agent_lab.agents import FAST, World, until
from support.agent_lab.fault_cells import CALM

BUSY = 6
PATIENT = replace(CALM, idle_exit=60.0)


@pytest.fixture(scope="module", autouse=True)
def load() -> Iterator[None]:
    """Processes that take all the processor time they get, and end with the tests."""
    program = "import sys, threading; threading.Thread(target=sys.stdin.read, daemon=True).start()\nwhile 1: pass"
    burning = [subprocess.Popen([sys.executable, "-I", "-c", program]) for _ in range(BUSY)]
    yield
    for process in burning:
        process.kill()
        process.wait()


def test_jobs_end_and_the_lease_is_kept(world: World) -> None:
    jobs = [world.press(prompt=f"a mug, number {number}.") for number in range(8)]
    agent = world.start(timings=PATIENT)
    until(world.has_agent, "it has its lease")
    holder = world.leases.holder(world.account.account_id)
    for job_id in jobs:
        assert world.ends(job_id, seconds=120.0).status is Status.READY
    now = world.leases.holder(world.account.account_id)
    assert holder and now and now.agent == holder.agent, "the lease was lost on the way"
    assert agent.exit_code() is None and world.submissions == len(jobs)


def test_a_killed_agent_is_replaced_and_nothing_is_sent_twice(world: World) -> None:
    world.sandbox.set(seconds=1000.0)
    jobs = [world.press(prompt=f"a mug, number {number}.") for number in range(4)]
    agent = world.start(timings=PATIENT)
    for job_id in jobs:
        world.reaches(job_id, Status.QUEUED, Status.RUNNING, seconds=120.0)
    world.kill(agent)
    world.sandbox.finish()
    another = world.start(timings=replace(FAST, answer=60.0, whole_answer=60.0, opening=60.0, connect=60.0))
    for job_id in jobs:
        assert world.ends(job_id, seconds=120.0).status is Status.READY
    assert world.submissions == len(jobs)
    assert world.leaves(another, seconds=120.0) == EXIT_OK
