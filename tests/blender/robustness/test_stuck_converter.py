"""The background Blender hangs, and its agent is killed: it ends at once, and the next agent converts anew."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine import processes
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = [
    pytest.mark.usefixtures("short_past"),
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends when the order's time is up"),
]


def test_it_does_not_outlive_its_agent(package: Package, sandbox: SandboxControl, home: Path) -> None:
    worker = [str(package("client.agent.launch").WORKER)]
    before = {one.pid for one in processes.mentioning(worker, environment=False)}  # other tests share one
    sandbox.settings(requests_per_minute=0, seconds=0.5)
    preferences: Any = package("properties.preferences").get_preferences(bpy.context)
    preferences.requests_per_minute = 120
    session: Any = package("session.current").session()
    account = package("properties.account").get_account(bpy.context)
    request = package("client.jobs.request").GenerationRequest(
        package("client.schema").TEXT, parameters={"prompt": "a cup"}
    )
    job_id = session.submit(account, request, "{}", "")

    def until(happened: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := happened()):
            assert time.monotonic() < deadline, what
            session.tick(deliver=False)
            time.sleep(0.005)
        return found

    def status() -> str:
        return str(session.jobs.get(job_id).status.value)

    until(lambda: status() == "CONVERTING", "the file is there")
    (converter,) = until(
        lambda: [one for one in processes.mentioning(worker, environment=False) if one.pid not in before],
        "the converter is there",
    )
    os.kill(converter.pid, signal.SIGSTOP)  # no thread of its own runs now, as in an importer that never returns
    assert status() == "CONVERTING"
    agent = session.agent.process
    os.kill(agent.pid, signal.SIGKILL)
    try:
        until(lambda: not Path(f"/proc/{converter.pid}").exists(), "the converter has ended", 10.0)
    except AssertionError:
        os.kill(converter.pid, signal.SIGKILL)
        raise
    until(lambda: status() == "READY", "the next agent has converted it")
    assert session.agent.process is not agent
    assert len(sandbox.state()["submissions"]) == 1
    session.agent.close(stop=True)
    until(lambda: not list((home / "scratch").iterdir()), "the agent has tidied up and left")
    assert not list(home.rglob("*.partial*"))
    preferences.property_unset("requests_per_minute")
