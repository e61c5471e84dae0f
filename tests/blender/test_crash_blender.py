"""kill -9 of Blender in every state of a job: the agent lives on, and the paid model is there afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = pytest.mark.usefixtures("short_past")

ARTIST = """
import bpy
bpy.context.preferences.system.use_online_access = True
bpy.ops.preferences.addon_enable(module={module!r})
bpy.context.preferences.addons[{module!r}].preferences.requests_per_minute = 120
bpy.ops.tripo.text_to_3d(prompt="a sword")
"""

TRICKLE = {"seconds": 0.05, "amount": 20_000}
MOMENTS: list[tuple[str, tuple[str, str, dict[str, Any]] | None]] = [
    ("PREPARED", None),
    ("SUBMITTING", ("submit", "slow", {"seconds": 0.1, "amount": 8})),
    ("QUEUED", None),
    ("DOWNLOADING", ("asset", "slow", TRICKLE)),
    ("CONVERTING", None),
    ("IMPORTED", None),
]


def wait_for(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, what
        time.sleep(0.002)
    return value


@pytest.mark.parametrize(("state", "fault"), MOMENTS, ids=[state for state, _ in MOMENTS])
def test_a_killed_blender_loses_nothing(
    state: str,
    fault: tuple[str, str, dict[str, Any]] | None,
    extension: str,
    package: Package,
    sandbox: SandboxControl,
    home: Path,
) -> None:
    sandbox.settings(requests_per_minute=0, seconds=1.0)
    if fault is not None:
        on, name, options = fault
        sandbox.add_fault(on, name, **options)
    package("preferences").get_preferences(bpy.context).requests_per_minute = 120
    session = package("operators.session").get()

    def jobs() -> list[Any]:
        return session.jobs.recent(10)

    command = [sys.executable, "-B", "-c", ARTIST.format(module=extension)]
    with (home / "artist.log").open("wb") as log:
        artist = subprocess.Popen(command, env=os.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_for(lambda: any(job.status == state for job in jobs()), 90, f"the job is {state}")
    finally:
        artist.kill()
        artist.wait()

    def ended() -> bool:
        session.tick(deliver=False)
        return jobs()[0].status in ("READY", "IMPORTED", "UNCERTAIN", "FAILED", "EXPIRED")

    wait_for(ended, 90, "the job ends")
    (job,) = jobs()
    assert job.status == ("IMPORTED" if state == "IMPORTED" else "READY"), job.message
    assert len(sandbox.state()["submissions"]) == 1
    assert bpy.ops.tripo.import_job(job_id=job.job_id) == {"FINISHED"}
    assert [collection.name for collection in bpy.context.scene.collection.children] == ["a sword"]
    assert not list((home / "downloads").iterdir())
    assert not list(home.rglob("*.partial*"))
