"""Enabling, disabling, and what is left behind: nothing, and no key anywhere."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine import processes
from support.sandbox_service.service import API_KEY, SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = pytest.mark.usefixtures("short_past")


def snapshot() -> dict[str, Any]:
    """Everything of Blender's that an extension may hang something on."""
    handlers = {
        name: [f"{one.__module__}.{one.__qualname__}" for one in getattr(bpy.app.handlers, name)]
        for name in dir(bpy.app.handlers)
        if isinstance(getattr(bpy.app.handlers, name), list)
    }
    types = {name for name in dir(bpy.types) if "tripo" in name.lower()}
    owners = {owner: set(dir(getattr(bpy.types, owner))) for owner in ("Scene", "WindowManager", "Object", "Image")}
    menus = {
        name: len(getattr(getattr(bpy.types, name).draw, "_draw_funcs", ()))
        for name in ("VIEW3D_MT_add", "VIEW3D_MT_object", "TOPBAR_MT_file_import")
    }
    return {"handlers": handlers, "types": types, **owners, "menus": menus, "tripo": "tripo" in dir(bpy.ops)}


def disable(extension: str) -> None:
    assert bpy.ops.preferences.addon_disable(module=extension) == {"FINISHED"}


def enable(extension: str) -> None:
    assert bpy.ops.preferences.addon_enable(module=extension) == {"FINISHED"}


def test_disabled_means_gone(sandbox: SandboxControl, extension: str, home: Path, package: Package) -> None:
    disable(extension)
    before = snapshot()
    assert not before["types"]
    for _ in range(2):
        enable(extension)
        assert "TRIPO_OT_text_to_3d" in snapshot()["types"]
        account = package("properties.account").get_account(bpy.context)
        session = package("session.current").session()
        session.ask_balance(account)
        # Linux shows an empty command line for a moment after a program was started.
        started = Path(f"/proc/{session.agent.process.pid}/cmdline")
        deadline = time.monotonic() + 5
        while not (command := started.read_bytes()) and time.monotonic() < deadline:
            time.sleep(0.005)
        client = str(Path(str(package("client").__file__)).parent)  # of this profile: others may be at work beside us
        assert client.encode() in command, "the balance needs an agent"
        follow = package("session.timer")
        disable(extension)
        assert snapshot() == before
        assert not bpy.app.timers.is_registered(follow.pulse)
        left = processes.wait_gone([client], 20)
        assert not left, f"it has nothing to wait for, and stays: {left}"
        assert not list(home.glob("blender-*.lock"))
    enable(extension)


def test_disabling_during_a_submit_neither_waits_nor_cuts_it_off(
    sandbox: SandboxControl, extension: str, home: Path, package: Package
) -> None:
    """The agent goes by itself when the answer is in; then it is written, and nothing is left."""
    sandbox.settings(requests_per_minute=0, seconds=600)
    sandbox.add_fault("submit", "slow", seconds=0.1, amount=4)
    session = package("session.current").session()
    request = package("client.jobs.request").GenerationRequest(
        package("client.schema").TEXT, parameters={"prompt": "a cup"}
    )
    account = package("properties.account").get_account(bpy.context)
    job_id = session.submit(account, request, "{}", "")
    agent = session.agent.process

    def status() -> str:
        with sqlite3.connect(home / "jobs.sqlite3") as database:
            return str(database.execute("SELECT status FROM job WHERE job_id = ?", (job_id,)).fetchone()[0])

    deadline = time.monotonic() + 30
    while status() != "SUBMITTING":
        assert time.monotonic() < deadline, status()
        time.sleep(0.01)
    disable(extension)
    assert agent.exit_code() is None, "Blender waited for the agent, or killed it"
    while agent.exit_code() is None:
        assert time.monotonic() < deadline + 30, "it stays"
        time.sleep(0.02)
    assert status() == "QUEUED", "what was paid for is lost"
    enable(extension)


def test_quitting_leaves_the_agent_at_work(sandbox: SandboxControl, extension: str, package: Package) -> None:
    """Blender quits by disabling all add-ons; then the paid work goes on."""
    session = package("session.current").session()
    sandbox.settings(seconds=600)
    settings = package("client.jobs.request").GenerationRequest(
        package("client.schema").TEXT, parameters={"prompt": "a cup"}
    )
    account = package("properties.account").get_account(bpy.context)
    session.submit(account, settings, "{}", "")
    pid = session.agent.process.pid

    def disable_all() -> None:  # the name of Blender's own function
        disable(extension)

    disable_all()
    assert Path(f"/proc/{pid}").exists()
    enable(extension)


def test_enabling_imports_little(extension: str, package: Package, tmp_path: Path) -> None:
    """In a Python of its own, where nothing was imported before, and without a job of an earlier session to list."""
    root = Path(package("").__file__ or "").parent
    script = (
        "import bpy, sys; before = set(sys.modules);"
        f"bpy.ops.preferences.addon_enable(module={extension!r});"
        f"assert {extension!r} in bpy.context.preferences.addons;"
        "new = set(sys.modules) - before;"
        "print(sorted(new & {'requests', 'sqlite3', 'urllib3', 'ssl', 'numpy', 'asyncio', 'multiprocessing'}));"
        "sys.stdout.flush(); import os; os._exit(0)"
    )
    environment = {**os.environ, "TRIPO_GENERATOR_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, env=environment)
    assert done.stdout.strip().splitlines()[-1:] == ["[]"], done.stdout + done.stderr
    assert root.is_dir()


def test_the_key_stays_where_it_belongs(
    sandbox: SandboxControl,
    extension: str,
    home: Path,
    package: Package,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given in the preferences, as artists do: then it is in no file of ours, no .blend and no child."""
    monkeypatch.delenv("THREEDAISTUDIO_API_KEY")
    sandbox.settings(requests_per_minute=0, seconds=0.5)
    preferences = bpy.context.preferences.addons[extension].preferences
    preferences.requests_per_minute = 600
    preferences.api_key = API_KEY
    try:
        assert bpy.ops.tripo.text_to_3d(prompt="a cup") == {"FINISHED"}
        session = package("session.current").session()
        pids = [session.agent.process.pid]
        pids += [one.pid for one in processes.mentioning([str(home)]) if one.pid not in (os.getpid(), *pids)]
        for pid in pids:
            for part in ("cmdline", "environ"):
                path = Path(f"/proc/{pid}/{part}")
                assert not path.exists() or API_KEY.encode() not in path.read_bytes(), (pid, part)
    finally:
        preferences.api_key = ""
    with sqlite3.connect(home / "jobs.sqlite3") as database:
        assert API_KEY not in "\n".join(database.iterdump())
    for compress in (False, True):
        path = tmp_path / f"saved-{compress}.blend"
        bpy.ops.wm.save_as_mainfile(filepath=str(path), compress=compress, copy=True)
        assert API_KEY.encode() not in path.read_bytes()
    files = [path for path in home.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert API_KEY.encode() not in path.read_bytes(), path
    assert sandbox.state()["key_leaks"] == 0
