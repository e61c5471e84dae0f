"""An agent that is told to stop leaves, whatever it is in the middle of."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from client.agent import launch
from client.agent.loop import Agent
from client.agent.main import EXIT_OK
from client.agent.starter_pipe import LEAVE
from client.jobs.notices import JobNotice
from client.jobs.states import Status
from client.store.blender_sessions import BlenderSession
from support.agent_lab.agents import FAST, World, until


def test_it_can_be_told_at_any_moment(world: World) -> None:
    """As a signal handler tells it: on the agent's own thread, before any call, also of what leaving itself calls."""
    agents: list[Agent] = []

    def before_every_call(_frame: FrameType, _event: str, _argument: Any) -> None:
        if agents:
            agents[0].stop()

    threading.settrace(before_every_call)
    try:
        local = world.run()
    finally:
        threading.settrace(None)  # type: ignore[arg-type]
    agents.append(local.agent)
    local.join()


@pytest.mark.skipif(sys.platform == "win32", reason="all that a converter started ends with it there")
def test_what_its_converter_started_does_not_hold_it(world: World) -> None:
    """A process that outlives the background Blender keeps the pipe open: the end of its output never comes."""
    world.converter.plan("survived")
    job_id = world.submitted()
    agent = world.run(timings=replace(FAST, conversion=600.0))
    (survivor,) = until(lambda: world.converter.events("survivor"), "the converter has started another process")
    try:
        agent.stop()
        assert world.job(job_id).status is Status.CONVERTING
        os.kill(int(survivor[1]), 0)  # it lives still
    finally:
        os.kill(int(survivor[1]), signal.SIGKILL)


PATIENT = replace(FAST, answer=60.0, idle_exit=60.0)
SLOW = {"seconds": 0.05, "amount": 2}


@pytest.mark.parametrize("word", ["pipe", *([] if sys.platform == "win32" else ["SIGTERM", "SIGHUP", "SIGINT"])])
def test_told_in_the_middle_of_a_submit_it_leaves_with_the_answer(world: World, word: str) -> None:
    world.sandbox.set(seconds=1000.0)
    world.sandbox.add_fault("submit", "slow", **SLOW)
    job_id = world.press()
    agent = world.start(timings=PATIENT)
    until(lambda: world.submissions, "the service has taken it")
    if word == "pipe":  # all that there is on Windows
        stdin = agent._process.stdin
        assert stdin is not None
        stdin.write(LEAVE)
        stdin.flush()
    else:
        os.kill(agent.pid, signal.Signals[word])
    assert world.leaves(agent) == EXIT_OK
    job = world.job(job_id)
    assert (job.status, job.task_id) == (Status.QUEUED, world.sandbox.state["submissions"][0]["task_id"])
    assert world.spent() == job.credits
    assert world.leases.holder(world.account.account_id) is None


def test_it_does_not_leave_with_an_answer_that_cannot_be_written_yet(world: World) -> None:
    """Another process holds the store for longer than leaving may take; with the answer the task id would be lost."""
    world.sandbox.set(seconds=1000.0)
    world.sandbox.add_fault("submit", "slow", **SLOW)
    job_id = world.press()
    local = world.run(timings=replace(PATIENT, leave=0.2, store_busy=0.05))
    until(lambda: world.submissions, "the service has taken it")
    tries: list[bool] = []
    write = local.agent._try_to_write

    def counted() -> bool:
        tries.append(write())
        return tries[-1]

    local.agent._try_to_write = counted
    other = sqlite3.connect(world.home.database, isolation_level=None, timeout=5.0)
    other.execute("BEGIN IMMEDIATE")
    local.agent.stop()
    until(lambda: tries.count(False) >= 20 or not local.thread.is_alive(), "it tries to write")
    other.execute("ROLLBACK")
    other.close()
    local.join()
    job = world.job(job_id)
    assert (job.status, job.task_id) == (Status.QUEUED, world.sandbox.state["submissions"][0]["task_id"])


def test_told_to_leave_it_stays_for_no_result(world: World) -> None:
    """Switched off means gone, though hung up it would have stayed for the paid result."""
    world.sandbox.set(seconds=1000.0)
    job_id = world.press()
    agent = world.start(timings=PATIENT, outlive=True)
    world.reaches(job_id, Status.QUEUED)
    agent.leave()
    assert world.leaves(agent) == EXIT_OK
    assert world.job(job_id).status is Status.QUEUED


def test_its_own_code_may_be_gone_when_the_answer_comes(world: World, tmp_path: Path) -> None:
    """An update of the extension removes the folder that the agent runs from, and puts another one there."""
    code = tmp_path / "extension"
    shutil.copytree(Path(launch.__file__).parents[1], code / "client", ignore=shutil.ignore_patterns("__pycache__"))
    world.sandbox.set(seconds=1000.0)
    world.sandbox.add_fault("submit", "slow", **SLOW)
    job_id = world.press()
    account = world.account._replace(requests_per_minute=600)
    config = launch.AgentConfig(str(world.home.root), account, timings=PATIENT)
    agent = subprocess.Popen(
        [sys.executable, "-I", "-B", str(code / "client" / "agent")], stdin=subprocess.PIPE, cwd=world.home.root
    )
    assert agent.stdin is not None
    agent.stdin.write(config.to_line())
    agent.stdin.flush()
    until(lambda: world.submissions, "the service has taken it")
    shutil.rmtree(code)
    agent.stdin.write(LEAVE)
    agent.stdin.close()
    assert agent.wait(60) == EXIT_OK
    assert world.job(job_id).status is Status.QUEUED


def test_another_blenders_offline_switch_does_not_stop_it(world: World) -> None:
    here, there = BlenderSession(world.database), BlenderSession(world.database)
    here.write(may_go_online=True)
    there.write(may_go_online=False)
    local = world.run(timings=PATIENT)
    assert world.ends(world.press()).status is Status.READY
    here.write(may_go_online=False)
    job_id = world.press()
    until(lambda: world.job(job_id).notice.code == JobNotice.OFFLINE.code, "no Blender may go online")
    there.write(may_go_online=True)
    assert world.ends(job_id).status is Status.READY
    local.stop()
    here.end()
    there.end()
