"""A converter that hangs in an importer when its agent is killed: it ends too, and nothing of it stays."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from client.jobs.states import Status
from support.agent_lab.agents import FAST, World, until
from support.machine import processes

PATIENT = replace(FAST, conversion=60.0)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends when the order's time is up")
def test_it_does_not_outlive_its_agent(world: World) -> None:
    world.converter.plan("stuck")
    job_id = world.submitted()
    agent = world.start(timings=PATIENT)
    until(lambda: world.converter.events("stuck"), "the converter hangs")
    mine = [str(world.converter.folder)]
    assert processes.mentioning(mine, environment=False)
    world.kill(agent)
    assert not processes.wait_gone(mine, 10.0), "it ends before there is another agent"
    world.start()
    assert world.ends(job_id).status is Status.READY
    world.all_leave()
    assert world.leftovers() == [] and world.submissions == 1


def test_it_knows_how_long_it_may_take(world: World) -> None:
    """Where the system does not end it, its own limit does, which is the agent's."""
    world.converter.plan("stuck", "good")
    job_id = world.submitted()
    world.start(timings=FAST)
    assert world.ends(job_id).status is Status.READY, "the agent ends what hangs, and tries once more"
    ((_, _, seconds),) = world.converter.events("stuck")
    assert float(seconds) == FAST.conversion
