"""A script without a window sees the jobs of earlier sessions at once, and imports what they have paid for."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine.releases import both_ends
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = both_ends

PRESS = """
import bpy
bpy.context.preferences.system.use_online_access = True
bpy.ops.preferences.addon_enable(module={module!r})
bpy.context.preferences.addons[{module!r}].preferences.requests_per_minute = 600
bpy.ops.tripo.text_to_3d(prompt="a sword")
"""
LATER = """
import bpy, json, os, sys
bpy.context.preferences.system.use_online_access = True
bpy.ops.preferences.addon_enable(module={module!r})
bpy.context.preferences.addons[{module!r}].preferences.requests_per_minute = 600
def rows():
    return [[one.name, one.status] for one in bpy.context.window_manager.tripo.jobs]
told = {{"enabled": rows()}}
bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
bpy.context.preferences.system.use_online_access = True
told["file loaded"] = rows()
job_id = bpy.context.window_manager.tripo.jobs[0].job_id
told["result"] = sorted(bpy.ops.tripo.import_job(job_id=job_id))
told["models"] = [one.name for one in bpy.context.scene.collection.children_recursive if "tripo_job_id" in one]
print("TOLD " + json.dumps(told), flush=True)
bpy.ops.preferences.addon_disable(module={module!r})
os._exit(0)
"""


def run(script: str, module: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-B", "-c", script.format(module=module)], capture_output=True, text=True, timeout=120
    )
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("TOLD ")] or [done.stdout + done.stderr]
    assert line.startswith("TOLD "), line
    return json.loads(line.removeprefix("TOLD "))


@pytest.mark.usefixtures("short_past")
@pytest.mark.parametrize("agent_too", [False, True], ids=["blender", "blender and agent"])
def test_a_script_imports_what_a_killed_blender_has_paid_for(
    quick: SandboxControl, extension: str, package: Package, home: Path, agent_too: bool
) -> None:
    quick.settings(requests_per_minute=0, seconds=1000.0)
    session = package("session.current").session()
    command = [sys.executable, "-B", "-c", PRESS.format(module=extension)]
    with (home / "artist.log").open("wb") as log:
        artist = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 90
        while not any(job.task_id for job in session.jobs.recent(1)):
            assert time.monotonic() < deadline, "the request is paid for"
            time.sleep(0.02)
        if agent_too:
            pid = session.database.connection.execute("SELECT pid FROM lease").fetchone()["pid"]
            os.kill(pid, signal.SIGKILL)
    finally:
        artist.kill()
        artist.wait()
    quick.finish()
    told = run(LATER, extension)
    for when in ("enabled", "file loaded"):
        ((name, status),) = told[when]
        assert name == "a sword" and status in ("QUEUED", "RUNNING", "DOWNLOADING", "CONVERTING", "READY"), when
    assert told["result"] == ["FINISHED"] and told["models"] == ["a sword"]
    assert session.jobs.recent(1)[0].status.value == "IMPORTED"
    assert len(quick.state()["submissions"]) == 1


def test_the_whole_history_that_a_window_shows_is_there(extension: str, package: Package, home: Path) -> None:
    store, request = package("client.store"), package("client.jobs.request").GenerationRequest
    kind, states = package("client.schema").TEXT, package("client.jobs.states").Status
    database = store.open_database(package("client.paths").Home(home), durable=False, busy_seconds=5)
    jobs = store.JobTable(database)
    with database.transaction():
        for number in range(130):
            jobs.insert(store.NewJob("past", request(kind), name=f"job {number}"), status=states.IMPORTED)
    database.close()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    names = [one.name for one in bpy.context.window_manager.tripo.jobs]
    assert len(names) == len(set(names)) == 130
    package("session.current").session().tick(deliver=False)
    assert len(bpy.context.window_manager.tripo.jobs) == 130, "the first tick adds nothing twice"


def test_no_store_is_made_by_looking(package: Package, home: Path) -> None:
    package("session.current").close(stop_agent=True)
    shutil.rmtree(home)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert not home.exists()
