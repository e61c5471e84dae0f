"""An agent that is told to stop leaves, whatever it is in the middle of."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from types import FrameType
from typing import Any

from client.agent.loop import Agent
from client.states import Status
from support.agents import FAST, World, until


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


def test_what_its_converter_started_does_not_hold_it(world: World) -> None:
    """A process that outlives the background Blender keeps the pipe open: the end of its output never comes."""
    world.converter.plan("survived")
    job_id = world.submitted()
    agent = world.run(pace=replace(FAST, conversion=600.0))
    (survivor,) = until(lambda: world.converter.events("survivor"), "the converter has started another process")
    try:
        agent.stop()
        assert world.job(job_id).status is Status.CONVERTING
        os.kill(int(survivor[1]), 0)  # it lives still
    finally:
        os.kill(int(survivor[1]), signal.SIGKILL)
