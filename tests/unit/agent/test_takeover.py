"""Two agents in turn: what a sleeper does when it wakes up, and what it may still send."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from dataclasses import replace

from client.agent.main import EXIT_OK
from client.jobs.states import Status
from support.agent_lab.agents import FAST, World, until

STEADY = replace(FAST, idle_exit=60.0)


def test_what_it_slept_through_is_not_sent_again(world: World) -> None:
    """Asleep with a job that it was about to send; another agent sends it meanwhile."""
    world.sandbox.set(seconds=1000.0)
    world.go_online(False)
    job_id = world.press()
    sleeper = world.start(timings=STEADY)
    until(lambda: str(world.job(job_id).notice), "the sleeper knows the job")
    world.freeze(sleeper)
    world.go_online(True)
    world.start(timings=STEADY)
    world.reaches(job_id, Status.QUEUED)
    os.kill(sleeper.pid, signal.SIGCONT)
    assert world.leaves(sleeper) == EXIT_OK
    world.sandbox.finish()
    assert world.ends(job_id).status is Status.READY
    assert world.submissions == 1


def test_nothing_is_announced_without_the_lease(world: World) -> None:
    """Asleep between its beat and its write: the lease is looked at once more, in the transaction that announces."""
    world.go_online(False)
    job_id = world.press()
    local = world.run(timings=STEADY)
    until(lambda: str(world.job(job_id).notice), "the agent knows the job")
    local.stop()
    assert world.leases.acquire(world.account.account_id, "another", 1)
    local.agent.database.reopen()
    local.agent.requests._submit(job_id)
    local.agent.database.close()
    assert world.job(job_id).status is Status.PREPARED
    assert not local.agent.requests.is_submitting and world.submissions == 0


def test_back_again_it_finds_what_another_left_in_the_middle(world: World) -> None:
    """Asleep while another agent came, announced a request and died: that one is uncertain, not for ever on its way."""
    world.go_online(False)
    waiting = world.press(prompt="another mug")
    sleeper = world.start(timings=STEADY)
    until(lambda: str(world.job(waiting).notice), "the sleeper is at work")
    world.freeze(sleeper)
    until(lambda: not world.has_agent(), "its lease is stale")
    assert world.leases.acquire(world.account.account_id, "another", 1)
    job_id = world.press()
    assert world.jobs.transition(job_id, Status.PREPARED, Status.SUBMITTING)
    until(lambda: not world.has_agent(), "the other one is dead")
    os.kill(sleeper.pid, signal.SIGCONT)
    assert world.reaches(job_id, Status.UNCERTAIN).error == "NO_ANSWER"
    assert world.submissions == 0


def test_a_long_silence_does_not_cut_off_its_own_request(world: World) -> None:
    """The store is locked for so long that the lease gets stale: the answer that comes meanwhile is still its own."""
    world.sandbox.set(seconds=1000.0)
    world.sandbox.add_fault("submit", "slow", seconds=0.1, amount=1)
    job_id = world.press()
    agent = world.run(timings=replace(STEADY, answer=60.0))
    until(lambda: world.submissions, "the service has taken it")
    other = sqlite3.connect(world.home.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    beat = world.leases.holder(world.account.account_id)
    assert beat is not None
    until(lambda: time.monotonic() - beat.beat_at > 4.5, "the lease is stale")
    other.execute("ROLLBACK")
    other.close()
    seen = {world.job(job_id).status}

    def sent() -> bool:
        seen.add(world.job(job_id).status)
        return Status.QUEUED in seen

    until(sent, "the answer is written")
    assert seen <= {Status.SUBMITTING, Status.QUEUED}
    agent.stop()
    assert world.submissions == 1
