"""The crash matrix: kill -9 of the agent or of the converter at every state of a job, then a new agent, to the end.

Real processes, each case in a home and beside a sandbox of its own, side by side. What holds a job at a state is the
sandbox (an answer that does not come, a task that takes long) or the converter (an order it never answers), so that
the kill hits exactly there. The last test prints the table.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from client.agent.launch import AgentProcess
from client.jobs.states import Status
from support.agent_lab.agents import FAST, World, until
from support.agent_lab.agents import world as make_world
from support.checks.cases import chosen

PATIENT = replace(FAST, slow_window=60.0, answer=30.0, silence=30.0, conversion=60.0)
"""For agents that are to be held at a state for as long as it takes to kill them."""
WARM = replace(PATIENT, converter_ahead=1e9)
LINGERING = replace(PATIENT, idle_exit=60.0)


@dataclass(frozen=True)
class End:
    state: Status
    submissions: int
    leftovers: list[str]
    charged: int
    note: str = ""


@dataclass(frozen=True)
class Case:
    """``act`` brings a job to its state, kills, and returns the job once its next agent works."""

    state: Status
    killed: str
    act: Callable[[World], str]
    uncertain: bool = False
    note: str = ""

    @property
    def name(self) -> str:
        return f"{self.state}-{self.killed}" + (f"-{self.note}" if self.note else "")


def restart(world: World) -> AgentProcess:
    world.sandbox.faults.clear()
    return world.start()


def kill_converter(world: World) -> None:
    os.kill(world.converter.pid, signal.SIGKILL)


def asked(world: World, kind: str) -> bool:
    """Whether the sandbox has such a request on its hands."""
    return any(entry["kind"] == kind and entry["ended"] != "answered" for entry in world.sandbox.state["requests"])


# The agent dies


def prepared(world: World) -> str:
    world.go_online(False)
    job_id = world.press()
    agent = world.start(timings=PATIENT)
    until(lambda: str(world.job(job_id).notice), "the agent says why it waits")
    world.kill(agent)
    world.go_online(True)
    restart(world)
    return job_id


def submitting_unseen(world: World) -> str:
    world.sandbox.add_fault("submit", "hang_before")
    job_id = world.press()
    agent = world.start(timings=PATIENT)
    until(lambda: asked(world, "submit"), "the request is on its way")
    assert world.job(job_id).status is Status.SUBMITTING
    world.kill(agent)
    restart(world)
    assert world.ends(job_id).status is Status.UNCERTAIN
    assert world.submissions == 0
    # The artist finds nothing on the dashboard and sends it again.
    assert world.jobs.transition(job_id, Status.UNCERTAIN, Status.PREPARED, message="", error="")
    world.start()
    return job_id


def submitting_accepted(world: World) -> str:
    world.sandbox.add_fault("submit", "hang_after")
    job_id = world.press()
    agent = world.start(timings=PATIENT)
    until(lambda: world.submissions, "the service has taken it")
    assert world.job(job_id).status is Status.SUBMITTING
    world.kill(agent)
    restart(world)
    assert world.ends(job_id).status is Status.UNCERTAIN
    # The artist finds the task on the dashboard and enters its id.
    task_id = world.sandbox.state["submissions"][0]["task_id"]
    assert world.jobs.transition(job_id, Status.UNCERTAIN, Status.QUEUED, task_id=task_id, error="")
    world.start()
    return job_id


def queued(world: World) -> str:
    world.sandbox.set(seconds=1000.0)
    job_id = world.press()
    agent = world.start(timings=PATIENT)
    world.reaches(job_id, Status.QUEUED)
    world.kill(agent)
    world.sandbox.finish()
    restart(world)
    return job_id


def running(world: World) -> str:
    world.sandbox.set(seconds=1000.0)
    job_id = world.press()
    agent = world.start(timings=PATIENT)
    world.reaches(job_id, Status.QUEUED)
    world.sandbox.advance(500)
    world.reaches(job_id, Status.RUNNING)
    world.kill(agent)
    world.sandbox.finish()
    restart(world)
    return job_id


def downloading(world: World) -> str:
    world.sandbox.add_fault("asset", "slow")
    job_id = world.submitted()
    agent = world.start(timings=PATIENT)
    part = world.home.downloads / f"{job_id}.part"
    until(lambda: part.exists() and part.stat().st_size > 100, "some bytes are there")
    assert world.job(job_id).status is Status.DOWNLOADING
    world.kill(agent)
    restart(world)
    world.ends(job_id)
    fetched = [entry["status"] for entry in world.sandbox.state["requests"] if entry["kind"] == "asset"]
    assert fetched == [200, 206], "the download was resumed, not begun again"
    return job_id


def downloading_dead_link(world: World) -> str:
    world.sandbox.add_fault("asset", "http_403", 10_000)
    job_id = world.submitted()
    agent = world.start(timings=PATIENT)
    until(lambda: "no longer works" in str(world.job(job_id).notice), "the link is found dead")
    world.kill(agent)
    restart(world)
    return job_id


def converting(world: World) -> str:
    world.converter.plan("hang")
    job_id = world.submitted()
    agent = world.start(timings=PATIENT)
    until(lambda: world.converter.events("order"), "the converter is at work")
    assert world.job(job_id).status is Status.CONVERTING
    world.kill(agent)
    restart(world)
    return job_id


def converting_both(world: World) -> str:
    world.converter.plan("hang")
    job_id = world.submitted()
    agent = world.start(timings=PATIENT)
    until(lambda: world.converter.events("order"), "the converter is at work")
    world.kill(agent)
    with contextlib.suppress(ProcessLookupError):  # it ends by itself when its agent has
        kill_converter(world)
    restart(world)
    return job_id


def ready(world: World) -> str:
    job_id = world.submitted()
    agent = world.start(timings=LINGERING)
    world.reaches(job_id, Status.READY)
    world.kill(agent)
    restart(world)
    return job_id


def uncertain(world: World) -> str:
    world.sandbox.add_fault("submit", "reset_after")
    job_id = world.press()
    agent = world.start(timings=LINGERING)
    world.reaches(job_id, Status.UNCERTAIN)
    world.kill(agent)
    restart(world)
    return job_id


# The converter dies


def converter_while_running(world: World) -> str:
    world.sandbox.set(seconds=1000.0)
    job_id = world.submitted()
    world.sandbox.advance(500)
    world.start(timings=WARM)
    world.reaches(job_id, Status.RUNNING)
    until(lambda: world.converter.events("start"), "a converter is warm")
    kill_converter(world)
    world.sandbox.finish()
    return job_id


def converter_while_downloading(world: World) -> str:
    world.sandbox.add_fault("asset", "slow", 1)
    job_id = world.submitted()
    world.start(timings=replace(FAST, slow_window=3.0, converter_idle=60.0))
    world.reaches(job_id, Status.DOWNLOADING)
    until(lambda: world.converter.events("start"), "a converter is warm")
    kill_converter(world)
    return job_id


def converter_while_converting(world: World) -> str:
    world.converter.plan("hang")
    job_id = world.submitted()
    world.start(timings=PATIENT)
    until(lambda: world.converter.events("order"), "the converter is at work")
    kill_converter(world)
    return job_id


def converter_after_ready(world: World) -> str:
    first = world.submitted()
    world.sandbox.set(seconds=1000.0)
    job_id = world.submitted(prompt="another mug")
    world.start(timings=WARM)
    world.reaches(first, Status.READY)
    kill_converter(world)
    world.sandbox.finish()
    assert world.ends(job_id).status is Status.READY
    return first


CASES = [
    Case(Status.PREPARED, "agent", prepared),
    Case(Status.SUBMITTING, "agent", submitting_unseen, note="sent again by hand"),
    Case(Status.SUBMITTING, "agent", submitting_accepted, note="task id by hand"),
    Case(Status.UNCERTAIN, "agent", uncertain, uncertain=True),
    Case(Status.QUEUED, "agent", queued),
    Case(Status.RUNNING, "agent", running),
    Case(Status.DOWNLOADING, "agent", downloading),
    Case(Status.DOWNLOADING, "agent", downloading_dead_link, note="dead link"),
    Case(Status.CONVERTING, "agent", converting),
    Case(Status.READY, "agent", ready),
    Case(Status.CONVERTING, "both", converting_both),
    Case(Status.RUNNING, "converter", converter_while_running),
    Case(Status.DOWNLOADING, "converter", converter_while_downloading),
    Case(Status.CONVERTING, "converter", converter_while_converting),
    Case(Status.READY, "converter", converter_after_ready),
]


def play(case: Case, root: Path) -> End:
    with make_world(root) as world:
        job_id = case.act(world)
        job = world.ends(job_id)
        world.all_leave()
        mine = [entry for entry in world.sandbox.state["submissions"] if entry["parameters"]["prompt"] == "a mug"]
        return End(job.status, len(mine), world.leftovers(), int(world.spent()), str(job.notice))


@pytest.fixture(scope="module")
def ends(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[End]]]:
    wanted = chosen(request, Case)
    with ThreadPoolExecutor(3 if sys.platform == "win32" else 8) as pool:
        yield {name: pool.submit(play, case, tmp_path_factory.mktemp("crash")) for name, case in wanted.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_crash_costs_nothing(case: Case, ends: dict[str, Future[End]]) -> None:
    end = ends[case.name].result()
    assert end.state is (Status.UNCERTAIN if case.uncertain else Status.READY), end.note
    assert end.submissions == 1, "one press, one submission"
    assert end.leftovers == []


def test_no_converter_is_there_to_die_before_it_is_needed(lone_world: World) -> None:
    """The cells that the matrix does not have: PREPARED, SUBMITTING and QUEUED have no converter."""
    world = lone_world
    world.sandbox.set(seconds=1000.0)
    queued_job = world.submitted()
    world.sandbox.add_fault("submit", "hang_before")
    sent = world.press()
    agent = world.run(timings=PATIENT)
    until(lambda: asked(world, "submit"), "the request is on its way")
    world.reaches(sent, Status.SUBMITTING)
    assert world.job(queued_job).status is Status.QUEUED
    assert world.converter.events("start") == []
    world.sandbox.stop()
    agent.stop()


def test_the_crash_table(ends: dict[str, Future[End]], print_table: Callable[[str], None]) -> None:
    lines = [f"{'killed at':12} {'process':10} {'ends':10} {'submissions':12} {'left over':10} note"]
    for case in CASES:
        if case.name in ends:
            end = ends[case.name].result()
            left = ", ".join(end.leftovers) or "nothing"
            lines.append(f"{case.state:12} {case.killed:10} {end.state:10} {end.submissions:<12} {left:10} {case.note}")
    print_table("\n".join(lines))
