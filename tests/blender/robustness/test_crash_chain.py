"""Blender's column of the chains' crash matrix: kill -9 of Blender, alone or with its agent, between and within the
steps of generate → segment → texture.

The artist's Blender is a process of its own, which presses the chain and delivers as one with a window does; this one
is the Blender that is started afterwards. Whatever is killed, each step is sent and charged once and can be imported.
The last test prints the table.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest
from blender.robustness.test_crash_blender import SLOW_RESULT, wait_for

from support.machine import processes
from support.machine.releases import oldest
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = [pytest.mark.usefixtures("short_past"), oldest]

ARTIST = """
import importlib, pathlib, signal, time
import bpy
bpy.context.preferences.system.use_online_access = True
bpy.ops.preferences.addon_enable(module={module!r})
bpy.context.preferences.addons[{module!r}].preferences.requests_per_minute = 120
def package(name):
    return importlib.import_module({module!r} + "." + name)
if {held!r}:
    delivery = package("session.delivery")
    deliver = delivery.deliver
    def held(*arguments, **options):
        if {held!r} == "after append":
            deliver(*arguments, **options)
        pathlib.Path({flag!r}).touch()
        while True:
            signal.pause()
    delivery.deliver = held
session = package("session.current").session()
account = package("properties.account").get_account(bpy.context)
schema, store = package("client.schema"), package("client.store")
request, source = package("client.jobs.request").GenerationRequest, package("client.jobs.model_source").ModelSource
target = session.file.scenes.claim(bpy.context.scene)
def step(kind, number, **parameters):
    return request(kind, None, parameters, model=source(job_id={ids!r}[number - 1], name="a mug"))
requests = (
    request(schema.TEXT, parameters={{"prompt": "a mug", "face_limit": {faces}}}),
    step(schema.Kind.MESH_SEGMENTATION, 1),
    step(schema.Kind.TEXTURE_MODEL, 2, prompt="rust"),
)
new = [
    store.NewJob(account.account_id if number != {hold!r} else "nobody", one, "{{}}", target, job_id=job_id)
    for number, (one, job_id) in enumerate(zip(requests, {ids!r}))
]
session.submit_all(account, new)
while True:
    session.tick()
    time.sleep(0.02)
"""
LONG = 1000.0
"""Seconds that a step takes at the service which is to be killed in the middle."""


@dataclass(frozen=True)
class Moment:
    """``step`` is the one that the kill finds in ``state``, the first is 0; PREPARED is between it and the one before.
    ``held`` is where Blender stops by itself while it delivers the step before, "before append" or "after append"."""

    step: int
    state: str
    killed: str = "blender"
    held: str = ""

    @property
    def faces(self) -> int:
        """How large the model is: a small one may be converted before anybody sees it."""
        return 20_000 if self.state == "CONVERTING" else 500

    @property
    def name(self) -> str:
        words = f"step {self.step + 1} {self.state}, {self.killed}"
        return f"{words}, {self.held}" if self.held else words


MOMENTS = [
    Moment(0, "RUNNING"),
    Moment(1, "PREPARED"),
    Moment(1, "PREPARED", "both"),
    Moment(1, "QUEUED", held="before append"),
    Moment(1, "QUEUED", held="after append"),
    Moment(1, "DOWNLOADING"),
    Moment(1, "CONVERTING", "both"),
    Moment(2, "PREPARED", "both"),
    Moment(2, "RUNNING"),
    Moment(2, "RUNNING", "both"),
    Moment(2, "READY"),
]
ENDS: dict[str, str] = {}


class Chain:
    """The artist's Blender with its chain, and this one that comes after it."""

    def __init__(self, package: Package, sandbox: SandboxControl, home: Path, extension: str) -> None:
        self.package, self.sandbox, self.home, self.extension = package, sandbox, home, extension
        self.session: Any = package("session.current").session()
        self.status = package("client.jobs.states").Status
        self.flag = home / "artist-is-held"
        new = package("client.store.jobs").new_job_id
        self.ids: list[str] = [new() for _ in range(3)]

    def status_of(self, step: int) -> str:
        job = self.session.jobs.get(self.ids[step])
        return "" if job is None else str(job.status.value)

    @contextmanager
    def artist(self, hold: int, moment: Moment) -> Generator[None]:
        """The Blender that is to be killed; no agent sees the step ``hold`` before `let_go`. It is dead afterwards."""
        about = {"held": moment.held, "flag": str(self.flag), "faces": moment.faces, "ids": self.ids}
        script = ARTIST.format(module=self.extension, hold=hold, **about)
        with (self.home / "artist.log").open("wb") as log:
            command = [sys.executable, "-B", "-c", script]
            process = subprocess.Popen(command, env=os.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.kill()
            process.wait()

    def let_go(self, step: int) -> None:
        account = self.package("properties.account").get_account(bpy.context)
        prepared = self.status.PREPARED
        assert self.session.jobs.update(self.ids[step], prepared, account_id=account.account_id)

    def play(self, moment: Moment) -> None:
        """Bring the chain to its moment and kill."""
        step = moment.step
        with self.artist(step if step else -1, moment):
            if step:
                there = ("READY",) if moment.held else ("IMPORTED",)
                wait_for(lambda: self.status_of(step - 1) in there, 120, f"step {step} is there")
            if moment.held:
                wait_for(self.flag.exists, 90, f"the delivery stops {moment.held}")
            if moment.state == "DOWNLOADING":
                on, name, options = SLOW_RESULT
                self.sandbox.add_fault(on, name, **options)
            self.sandbox.settings(seconds=LONG if moment.state in ("QUEUED", "RUNNING") else 0.0)
            if step and moment.state != "PREPARED":
                self.let_go(step)
            if moment.state == "RUNNING":
                wait_for(lambda: self.status_of(step) == "QUEUED", 90, "the step is at the service")
                self.sandbox.advance(LONG / 2)
            reached = (moment.state, "IMPORTED") if moment.state == "READY" else (moment.state,)
            wait_for(lambda: self.status_of(step) in reached, 90, f"the step is {moment.state}")
            if moment.killed == "both":
                os.kill(wait_for(self.agent_pid, 30, "an agent is at work"), signal.SIGKILL)
        self.sandbox.settings(seconds=0.0)
        self.sandbox.finish()
        if step and moment.state == "PREPARED":
            self.let_go(step)

    def agent_pid(self) -> int:
        """The agent at work, by its lease."""
        row = self.session.database.connection.execute("SELECT pid FROM lease").fetchone()
        return 0 if row is None else int(row["pid"])

    def goes_on(self) -> list[str]:
        """Let this Blender see to it that all steps come to an end; returns how each ended."""

        def ended() -> bool:
            self.session.tick(deliver=False)
            live = {one.value for one in self.package("client.jobs.states").LIVE}
            return not any(self.status_of(step) in live for step in range(3))

        wait_for(ended, 180, "the chain ends")
        return [self.status_of(step) for step in range(3)]

    def charged(self) -> list[int]:
        """How often each step was charged."""
        entries = self.package("client.store.ledger").Ledger(self.session.database).entries()
        return [sum(one.outcome == "charged" for one in entries if one.job_id == job_id) for job_id in self.ids]

    def leftovers(self) -> list[str]:
        """What is there after the agent has left, and should not be."""
        pid = self.agent_pid()
        if pid:
            os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not self.agent_pid(), 20, "the agent gives its lease back")
        self.session.agent.close(stop=True)
        left = [f"process {one.pid}" for one in processes.wait_gone([str(self.home)], 20)]
        files = [file for folder in ("downloads", "scratch", "inputs") for file in (self.home / folder).iterdir()]
        return left + sorted(str(file.relative_to(self.home)) for file in (*files, *self.home.rglob("*.partial*")))


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name)
def test_a_killed_blender_leaves_a_chain_that_goes_on_and_is_charged_once(
    moment: Moment, extension: str, package: Package, sandbox: SandboxControl, home: Path
) -> None:
    sandbox.settings(requests_per_minute=0, seconds=LONG if moment.step == 0 else 0.0, topology="same")
    package("properties.preferences").get_preferences(bpy.context).requests_per_minute = 120
    chain = Chain(package, sandbox, home, extension)
    chain.play(moment)
    ends = chain.goes_on()
    assert set(ends) <= {"READY", "IMPORTED"}, [str(chain.session.jobs.get(one).notice) for one in chain.ids]
    for job_id in chain.ids:
        assert bpy.ops.tripo.import_job(job_id=job_id) == {"FINISHED"}
    last = [chain.status_of(step) for step in range(3)]
    sent = [one["endpoint"] for one in sandbox.state()["submissions"]]
    charged, left = chain.charged(), chain.leftovers()
    ENDS[moment.name] = f"{' '.join(ends):28} {' '.join(map(str, charged)):8} {', '.join(left) or 'nothing'}"
    assert sent == ["text-to-3d", "mesh-segmentation", "texture-model"], "each step is sent once"
    assert charged == [1, 1, 1], "each step is charged once"
    assert (last, left) == (["IMPORTED"] * 3, [])


def test_the_table_of_killed_blenders(print_table: Callable[[str], None]) -> None:
    lines = [f"{'killed at':36} {'then':28} {'charged':8} left over"]
    print_table("\n".join([*lines, *(f"{name:36} {end}" for name, end in ENDS.items())]))
