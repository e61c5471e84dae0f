"""Blender's column of the crash matrix: kill -9 in every state of a job, of Blender alone or with its agent.

The artist's Blender is a process of its own; this one is the Blender that is started afterwards and brings the job to
its end. The sandbox holds a job at a state (a generation that takes long, a trickle of bytes); where Blender itself
would move on, it is stopped first, so that the kill hits exactly there. The last test prints the table.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine import processes
from support.machine.releases import oldest
from support.models.placed import models
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = [pytest.mark.usefixtures("short_past"), oldest]

ARTIST = """
import bpy
bpy.context.preferences.system.use_online_access = True
bpy.ops.preferences.addon_enable(module={module!r})
bpy.context.preferences.addons[{module!r}].preferences.requests_per_minute = 120
if {held!r}:
    import importlib, pathlib, signal
    delivery = importlib.import_module({module!r} + ".session.delivery")
    deliver = delivery.deliver
    def held(*arguments, **options):
        if {held!r} == "after append":
            deliver(*arguments, **options)
        pathlib.Path({flag!r}).touch()
        while True:
            signal.pause()
    delivery.deliver = held
bpy.ops.tripo.text_to_3d(prompt="a sword")
"""
TRICKLE = {"seconds": 0.05, "amount": 20_000}
LONG = 1000.0
"""Seconds that a generation takes which is to be killed in the middle."""


@dataclass(frozen=True)
class Moment:
    """``state`` is when the kill comes. ``stopped_at`` is a state in which Blender is stopped before, so that it sees
    no later one; ``held`` is where it stops by itself while it delivers, its job claimed: "before append" or "after
    append"; ``fault`` is what goes wrong at the service. ``first`` is how the job ends by itself after the
    restart, ``repair`` what the artist does about it then."""

    state: str
    killed: str = "blender"
    seconds: float = 1.0
    fault: tuple[str, str, dict[str, Any]] | None = None
    stopped_at: str = ""
    held: str = ""
    first: str = "READY"
    repair: str = ""

    @property
    def name(self) -> str:
        return f"{self.state}-{self.killed}" + (f"-{self.held.replace(' ', '-')}" if self.held else "")


SLOW_SUBMIT = ("submit", "slow", {"seconds": 0.1, "amount": 8})
SLOW_RESULT = ("asset", "slow", TRICKLE)
TOO_LARGE = ("asset", "huge", {"times": 1000})
MOMENTS = [
    Moment("PREPARED"),
    Moment("SUBMITTING", fault=SLOW_SUBMIT),
    Moment("UNCERTAIN", fault=("submit", "reset_after", {}), stopped_at="SUBMITTING", first="UNCERTAIN", repair="task"),
    Moment("QUEUED"),
    Moment("RUNNING", seconds=LONG),
    Moment("DOWNLOADING", fault=SLOW_RESULT),
    Moment("CONVERTING"),
    Moment("READY", stopped_at="CONVERTING"),
    Moment("READY", held="before append"),
    Moment("READY", held="after append"),
    Moment("IMPORTED", first="IMPORTED"),
    Moment("FAILED", fault=TOO_LARGE, stopped_at="DOWNLOADING", first="FAILED", repair="retry"),
    Moment("SUBMITTING", "both", fault=("submit", "hang_after", {}), first="UNCERTAIN", repair="task"),
    Moment("RUNNING", "both", seconds=LONG),
    Moment("DOWNLOADING", "both", fault=SLOW_RESULT),
    Moment("CONVERTING", "both"),
]


@dataclass
class End:
    """What a cell of the table says."""

    first: str
    last: str
    submissions: int
    leftovers: list[str] = field(default_factory=list)


ENDS: dict[str, End] = {}


def wait_for(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, what
        time.sleep(0.002)
    return value


class Scene:
    """The artist's Blender, and this one that comes after it."""

    def __init__(self, package: Package, sandbox: SandboxControl, home: Path, extension: str) -> None:
        self.session: Any = package("session.current").session()
        self.sandbox = sandbox
        self.home = home
        self.extension = extension
        self.flag = home / "artist-is-held"

    @property
    def job(self) -> Any:
        """The only job there is, or None."""
        found = self.session.jobs.recent(2)
        assert len(found) < 2, "one press, one job"
        return found[0] if found else None

    def is_at(self, *states: str) -> bool:
        return self.job is not None and self.job.status.value in states

    @contextmanager
    def artist(self, held: str = "") -> Generator[subprocess.Popen[bytes]]:
        """Start the Blender that is to be killed; it is dead afterwards."""
        script = ARTIST.format(module=self.extension, held=held, flag=str(self.flag))
        command = [sys.executable, "-B", "-c", script]
        with (self.home / "artist.log").open("wb") as log:
            process = subprocess.Popen(command, env=os.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def agent_pid(self) -> int:
        """The agent at work, by its lease."""
        row = self.session.database.connection.execute("SELECT pid FROM lease").fetchone()
        return 0 if row is None else int(row["pid"])

    def stops(self, pid: int) -> bool:
        """Stop Blender; false, and let it go on, if it holds the store locked just now: the agent could not write."""
        os.kill(pid, signal.SIGSTOP)
        os.waitpid(pid, os.WUNTRACED)
        with closing(sqlite3.connect(self.home / "jobs.sqlite3", timeout=1.0, isolation_level=None)) as store:
            try:
                store.execute("BEGIN IMMEDIATE")
                store.execute("ROLLBACK")
            except sqlite3.OperationalError:
                os.kill(pid, signal.SIGCONT)
                return False
        return True

    def play(self, moment: Moment) -> None:
        """Bring the job to its moment and kill."""
        with self.artist(moment.held) as blender:
            if moment.stopped_at:
                wait_for(lambda: self.is_at(moment.stopped_at), 90, f"the job is {moment.stopped_at}")
                wait_for(lambda: self.stops(blender.pid), 30, "Blender stops without holding the store")
            if moment.state == "RUNNING":
                wait_for(lambda: self.is_at("QUEUED"), 90, "the job is at the service")
                self.sandbox.advance(LONG / 2)
            wait_for(lambda: self.is_at(moment.state), 90, f"the job is {moment.state}")
            if moment.held:
                wait_for(self.flag.exists, 90, f"the delivery stops {moment.held}")
                self.is_left_to_the_other()
            if moment.killed == "both":
                if moment.state == "SUBMITTING":
                    wait_for(lambda: self.sandbox.state()["submissions"], 30, "the service has taken it")
                os.kill(wait_for(self.agent_pid, 30, "an agent is at work"), signal.SIGKILL)
        assert self.is_at(moment.state) or moment.killed == "blender", "the agent went on after its death"
        self.sandbox.finish()

    def is_left_to_the_other(self) -> None:
        """While the artist's Blender lives, the model is its, and Clear Cache leaves the files."""
        job = self.job
        assert job.status.value == "READY" and job.claimed_by
        assert bpy.ops.tripo.clear_cache() == {"FINISHED"}
        assert (self.home / job.blend).is_file()
        with pytest.raises(RuntimeError, match="Another Blender"):
            bpy.ops.tripo.import_job(job_id=job.job_id)

    def ends(self) -> str:
        """Let this Blender see to it that the job comes to an end; returns how it ended."""

        def ended() -> bool:
            self.session.tick(deliver=False)
            return self.is_at("READY", "IMPORTED", "UNCERTAIN", "FAILED", "EXPIRED")

        wait_for(ended, 90, "the job ends")
        return str(self.job.status.value)

    def repair(self, moment: Moment) -> None:
        """Do what the artist does with a job that needs a person, then see the model arrive."""
        job_id = self.job.job_id
        if moment.repair == "task":
            (sent,) = self.sandbox.state()["submissions"]
            done = bpy.ops.tripo.recover_task(task_id=sent["task_id"], job_id=job_id)
        elif moment.repair == "retry":
            self.sandbox.mend()
            done = bpy.ops.tripo.retry_job(job_id=job_id)
        else:
            done = bpy.ops.tripo.import_job(job_id=job_id)
        assert done == {"FINISHED"}

    def leftovers(self) -> list[str]:
        """What is there after the agent has left, and should not be."""
        pid = self.agent_pid()
        if pid:
            os.kill(pid, signal.SIGTERM)
        mine = [str(self.home)]
        wait_for(lambda: not self.agent_pid(), 20, "the agent gives its lease back")
        self.session.agent.close(stop=True)
        left = [f"process {one.pid}" for one in processes.wait_gone(mine, 20)]
        files = [file for folder in ("downloads", "scratch") for file in (self.home / folder).iterdir()]
        files += self.home.rglob("*.partial*")
        return left + sorted(str(file.relative_to(self.home)) for file in files)


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name)
def test_a_killed_blender_loses_nothing(
    moment: Moment, extension: str, package: Package, sandbox: SandboxControl, home: Path
) -> None:
    sandbox.settings(requests_per_minute=0, seconds=moment.seconds)
    if moment.fault is not None:
        on, name, options = moment.fault
        sandbox.add_fault(on, name, **options)
    package("properties.preferences").get_preferences(bpy.context).requests_per_minute = 120
    scene = Scene(package, sandbox, home, extension)
    scene.play(moment)
    first = scene.ends()
    assert first == moment.first, str(scene.job.notice)
    assert len(sandbox.state()["submissions"]) == 1, "nothing is sent twice by itself"
    scene.repair(moment)
    assert [collection.name for collection in models()] == ["a sword"]
    end = End(first, scene.job.status.value, len(sandbox.state()["submissions"]), scene.leftovers())
    ENDS[moment.name] = end
    assert (end.last, end.submissions, end.leftovers) == ("IMPORTED", 1, [])


def test_the_crash_table(print_table: Callable[[str], None]) -> None:
    lines = [f"{'killed at':12} {'process':9} {'then':10} {'by hand':8} {'ends':9} {'submissions':12} left over"]
    for moment in MOMENTS:
        if moment.name in ENDS:
            end = ENDS[moment.name]
            words = f"{moment.held or moment.state:12} {moment.killed:9} {end.first:10}"
            words += f" {moment.repair or 'import':8} {end.last:9}"
            lines.append(f"{words} {end.submissions:<12} {', '.join(end.leftovers) or 'nothing'}")
    print_table("\n".join(lines))
