"""One answer that never ends blocks no other job: each request has a thread of its own, and a limit of time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from client.jobs.states import Status
from support.agent_lab.agents import FAST, World, until

LONG = replace(FAST, answer=60.0, whole_answer=60.0)


DRIPS: dict[str, dict[str, Any]] = {
    "head_endless": {"seconds": 120.0, "amount": 1.0},
    "head_drips": {"seconds": 1.0, "amount": 2.0},
    "interim_slow": {"seconds": 120.0, "amount": 1.0},
    "hang_after": {"seconds": 120.0},
    "body_endless": {"seconds": 120.0, "amount": 0.5},
}
"""Slowly enough to go on until the deadline."""


@pytest.mark.parametrize("fault", DRIPS)
def test_other_jobs_go_on_while_one_answer_drips(lone_world: World, fault: str) -> None:
    world = lone_world
    slow = world.submitted(prompt="a mug that takes its time")
    world.sandbox.add_fault("status", fault, about="takes its time", **DRIPS[fault])
    agent = world.run(timings=LONG)
    until(lambda: not world.sandbox.faults.pending(), "the answer begins")
    others = [world.press() for _ in range(3)]
    for job_id in others:
        assert world.reaches(job_id, Status.READY).blend
    (dripping,) = [entry for entry in world.sandbox.state["requests"] if entry["fault"] == fault]
    assert dripping["ended"] in ("open", "hang"), "it drips as yet"
    assert world.job(slow).status is Status.QUEUED
    assert world.submissions == 4
    agent.stop()
