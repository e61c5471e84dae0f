"""Spoiled files through the whole path: service, agent, converter, and a Blender that stays open.

Each ends in the scene or as a failed job with a sentence; the file of a failed one is kept; Blender and the agent are
the same processes all the time; nothing is written outside of the extension's folders. TRIPO_FUZZ_SEED and
TRIPO_FUZZ_FILES choose other files and how many.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.checks.plain_words import complaint
from support.machine.long_blender import LongBlender
from support.machine.releases import both_ends
from support.models import every_format as models_all
from support.models import mutations
from support.sandbox_service.service import API_KEY

Package = Callable[[str], ModuleType]

SEED = int(os.environ.get("TRIPO_FUZZ_SEED") or 20241120 + 10 * bpy.app.version[0] + bpy.app.version[1])
"""Other files for each release."""
FILES = int(os.environ.get("TRIPO_FUZZ_FILES", "150"))
"""About a thousand in all releases together."""
PRESSED = 50
"""How many are asked for as a press of Generate does; the others begin as tasks that are finished already."""
AT_A_TIME = 12
LAST = 20
"""How many deliveries are told, and kept, when Blender ends: the last may not be the one to blame."""
MUTATIONS = (
    *(mutations.flip, mutations.cut, mutations.splice, mutations.number),
    *(mutations.twist, mutations.twist, mutations.repack),
)
CRASH = re.compile(r"conversion of (\w+), try (\d): (.*)")
OURS = re.compile(
    r"blender-[0-9a-f]{12}\.lock(-journal)?|agent\.log(\.\d)?|agent\.stderr\.log|converter(\.old)?\.log|opening\.lock|jobs\.sqlite3(-wal|-shm)?|(inputs|downloads|results|scratch)"
    r"|quarantine(/[0-9a-f]{12}\.(\w+|log))?|results/[0-9a-f]{12}(/(model\.\w+|thumbnail\.png))?"
)
"""What may be in the home folder at the end."""


@dataclass(frozen=True)
class Spoiled:
    """One file and how it came about."""

    number: int
    kind: str
    how: str
    data: bytes

    def __str__(self) -> str:
        return f"seed {SEED}, file {self.number}: {self.kind}, {self.how}"


@pytest.fixture(scope="module")
def files(extension: str, tmp_path_factory: pytest.TempPathFactory) -> list[Spoiled]:
    """The originals, untouched, and then as many spoiled ones as wanted."""
    originals = models_all.make_all(tmp_path_factory.mktemp("originals"))
    found = [Spoiled(number, kind, "whole", data) for number, (kind, data) in enumerate(originals.items())]
    random_ = random.Random(SEED)
    kinds, everything = list(originals), list(originals.values())
    for number in range(len(found), len(found) + FILES):
        kind, mutation = random_.choice(kinds), random_.choice(MUTATIONS)
        found.append(Spoiled(number, kind, mutation.__name__, mutation(random_, originals[kind], everything)))
    return found


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for everything that programs write into when they are not told where."""
    for name in ("home", "tmp", "cwd"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(tmp_path / "tmp"))
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


class Route:
    """The service, the agent and the store; `run` takes the files through them."""

    def __init__(self, package: Package, home: Path, files: list[Spoiled]) -> None:
        self.package, self.files = package, files
        self.home = package("client.paths").Home(home)
        self.status = package("client.jobs.states").Status
        self.request = package("client.jobs.request").GenerationRequest
        self.kind = package("client.schema").Kind.TEXT
        self.sandbox = package("sandbox").Sandbox(
            keys=(API_KEY,), credits=10_000_000, requests_per_minute=0, seconds=0.0, variety="quick"
        )
        self.tally: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.jobs_of: dict[str, Spoiled] = {}
        self.wrong: list[str] = []
        """What should not be so, with the file it was seen at."""

    def start(self) -> None:
        """Start the service, the store and the agent."""
        self.sandbox.start()
        store, self.account = (
            self.package("client.store"),
            self.package("client.account").Account(self.sandbox.api_url, API_KEY, 1_000_000),
        )
        self.database = store.open_database(self.home, durable=False, busy_seconds=5)
        self.jobs, self.new_job = store.JobTable(self.database), store.NewJob
        timings = self.package("client.timings").Timings(
            tick=0.02, idle_exit=300.0, first_delay=0.05, conversion=60.0, same_bytes=0.2
        )
        self.agent = self.package("client.agent.launch").start_agent(
            self.home,
            self.account,
            python=self.package("session.paths").sys.executable,
            converter=self.package("session.paths").converter_command(),
            timings=timings,
        )
        self.client = self.package("client.service.api").TripoClient(self.account)

    def stop(self) -> None:
        """End the agent and the service; may be called twice."""
        self.agent.leave()
        deadline = time.monotonic() + 30
        while self.agent.exit_code() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        self.agent.kill()
        self.database.close()
        self.sandbox.stop()

    def insert(self, number: int) -> str:
        """Write the job of a file."""
        request = self.request(self.kind, parameters={"prompt": f"file {number}", "texture": False, "pbr": False})
        new = self.new_job(self.account.account_id, request)
        if number < PRESSED:
            return self.jobs.insert(new)
        task_id = self.client.submit(request)
        return self.jobs.insert(new, status=self.status.DOWNLOADING, task_id=task_id)

    def run(self, ended: Callable[[Any, Spoiled], None]) -> None:
        """Take every file to its end, some at a time; `ended` is told of each."""
        waiting: dict[str, Spoiled] = {}
        left = iter(self.files)
        revision, moved_at = -1, time.monotonic()
        while True:
            while len(waiting) < AT_A_TIME and (one := next(left, None)):
                job_id = self.insert(one.number)
                waiting[job_id] = self.jobs_of[job_id] = one
            if not waiting:
                return
            for job in self.jobs.changed_since(revision):
                revision = job.revision
                if job.job_id in waiting and job.status in (self.status.READY, self.status.FAILED):
                    ended(job, waiting.pop(job.job_id))
                    moved_at = time.monotonic()
            assert self.agent.exit_code() is None, f"the agent ended:\n{self.log()[-3000:]}"
            assert time.monotonic() - moved_at < 300, f"nothing moves: {list(map(str, waiting.values()))}"
            time.sleep(0.01)

    def report(self) -> str:
        """What became of all, as a text."""
        lines = [f"{count:>5}  {name}" for name, count in sorted(self.tally.items())]
        lines += [f"{count:>5}  {text}" for text, count in self.reasons.most_common()]
        deaths = Counter(
            f"converter, try {turn}: {text}, {self.jobs_of[job_id].kind}"
            for job_id, turn, text in CRASH.findall(self.log())
        )
        lines += [f"{count:>5}  {text}" for text, count in sorted(deaths.items())] or ["the converter never died"]
        return "\n".join(lines)

    def log(self) -> str:
        """All that the agent has logged."""
        files = sorted(self.home.root.glob("agent.log*"), reverse=True)
        return "".join(file.read_text(errors="replace") for file in files)


@pytest.fixture
def path(
    package: Package, home: Path, files: list[Spoiled], watched: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Route]:
    one = Route(package, home, files)

    def asset(task: Any, name: str) -> bytes:
        return files[int(task.accepted.parameters["prompt"].split()[-1])].data

    monkeypatch.setattr(package("sandbox.tasks").Task, "asset", asset)
    one.start()
    yield one
    one.stop()


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file below a folder, with its size and time, but for what Blender notes of its own extensions."""
    return {
        str(one.relative_to(folder)): (one.stat().st_size, one.stat().st_mtime_ns)
        for one in folder.rglob("*")
        if (one.is_file() or one.is_symlink()) and one.parent.name != ".cache"
    }


def keep_deliveries(home: Path, deliveries: list[tuple[Any, Spoiled]]) -> Path:
    """Copy what a Blender was given before it ended to where it outlives the test; returns that folder."""
    folder = Path(os.environ.get("TRIPO_FUZZ_KEEP") or tempfile.mkdtemp(prefix=f"tripo-ended-{SEED}-", dir="/var/tmp"))
    for place, (job, one) in enumerate(deliveries):
        name = f"{place:02}-file-{one.number}-{one.kind}-{one.how}".replace(" ", "_")
        (folder / name).write_bytes(one.data)
        shutil.copyfile(home / job.blend, folder / f"{name}.blend")
    return folder


@both_ends
@pytest.mark.timeout(1200)
def test_spoiled_files_leave_blender_alive(
    path: Route, extension: str, home: Path, watched: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THREEDAISTUDIO_API_URL", path.account.api_url)
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", API_KEY)
    profile = Path(os.environ["BLENDER_USER_RESOURCES"])
    before = tree(profile) | tree(watched)
    blender = LongBlender(extension, watched / "cwd", os.environ, home / "artist.log")
    began = time.monotonic()
    delivered: deque[tuple[Any, Spoiled]] = deque(maxlen=LAST)

    def ended(job: Any, one: Spoiled) -> None:
        ready = job.status is path.status.READY
        try:
            found = blender.ask(**({"job_id": job.job_id} if ready else {}))
        except AssertionError as error:
            kept = keep_deliveries(home, [*delivered, (job, one)]) if ready else None
            names = "\n".join(str(before) for _job, before in delivered)
            raise AssertionError(
                f"{one}: {error}\nkept in {kept}; delivered before, the last one last:\n{names}"
            ) from error
        if ready:
            delivered.append((job, one))
        path.tally["Blender alive"] += found["pid"] == blender.pid
        path.tally[f"{'READY' if ready else 'FAILED'} {one.how}"] += 1
        path.tally["meshes repaired"] += found["repaired"]
        kept = [file for file in (home / "quarantine").glob(f"{job.job_id}.*") if file.read_bytes() == one.data]
        if not ready:
            path.reasons[re.sub(r"[\d,]*\d", "N", str(job.notice))] += 1
        faults = {
            "the artist's work was changed": not found["work is as it was"],
            "libraries are left": found["libraries"],
            "not delivered": found["error"],
            "READY without a converter": ready and not job.blend,
            "an original is refused": not ready and one.how == "whole",
            "not a sentence": not ready and complaint(str(job.notice)),
            "not in quarantine": not ready and len(kept) != 1,
            "in quarantine": ready and kept,
            "no log is kept": "Blender cannot" in str(job.notice)
            and not (home / f"quarantine/{job.job_id}.log").is_file(),
        }
        if keep := os.environ.get("TRIPO_FUZZ_KEEP"):
            Path(keep, f"{one.number}-{one.kind}-{one.how}-{job.status}".replace(" ", "_")).write_bytes(one.data)
        path.wrong += [f"{one}: {name}: {what}: {job.notice!s}" for name, what in faults.items() if what]

    try:
        path.run(ended)
    finally:
        blender.close()
        print(f"\nseed {SEED}, {len(path.files)} files in {time.monotonic() - began:.0f} s")
        print(path.report())
    assert not path.wrong, "\n".join(path.wrong)
    assert path.tally["Blender alive"] == len(path.files)
    assert {**tree(profile), **tree(watched)} == before, "written outside of our folders"
    path.stop()
    kept = {str(one.relative_to(home)) for one in home.rglob("*")} - {"artist.log"}
    assert not [name for name in kept if not OURS.fullmatch(name)]
