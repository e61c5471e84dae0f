"""The outer half of the GUI tests: starts Blender on a screen, waits for what its scenario has to say.

The inner half is `tests/gui/driver.py` with `support/ui/inside.py`; the two speak through files in one folder.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ..checks import secrets
from ..machine import processes
from ..sandbox_service.service import API_KEY, SandboxControl
from .screen_root import World

REPOSITORY = Path(__file__).resolve().parents[3]
GUI = REPOSITORY / "tests" / "gui"
SCENARIOS = GUI / "scenarios"
IMAGES = REPOSITORY / "build" / "gui"

WRITTEN_TO = ("profile", "home", "tmp", "user")
"""The folders of a workspace that Blender and the extension write to. The tests' own files name the key."""

PASSED_ON = ("LANG", "LC_ALL", "TZ", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Options:
    """What a scenario asks for by a literal `OPTIONS = {...}` at its top level.

    `timeout` is in seconds. `sandbox` holds further arguments of the sandbox. Without `key` Blender is
    started without an API key. `own_test` scenarios are run by a test of their own, not by test_scenarios.py.
    `arguments` go to Blender. `profile` records how long each timer of the extension takes.
    """

    timeout: float = 120.0
    sandbox: tuple[str, ...] = ()
    key: bool = True
    own_test: bool = False
    arguments: tuple[str, ...] = ()
    profile: bool = False


def options(scenario: str) -> Options:
    """Read the options of a scenario without running it: it imports bpy."""
    tree = ast.parse((SCENARIOS / f"{scenario}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="OPTIONS")], value=value):
                return Options(**ast.literal_eval(value))
            case _:
                pass
    return Options()


@dataclass(frozen=True)
class Result:
    """What a scenario left: `records` of `ui.record`, the `images` it took, and Blender's output."""

    records: dict[str, Any]
    images: dict[str, Path] = field(default_factory=dict[str, Path])
    log: str = ""


class ScenarioFailed(AssertionError):
    """The scenario raised, or Blender ended or hung without a word. The text holds the traceback and the
    log's end."""


class Run:
    """One started Blender. `wait` for its result, or `kill` it as a power cut would."""

    def __init__(self, space: Workspace, scenario: str, process: subprocess.Popen[bytes], number: int) -> None:
        self._space = space
        self._process = process
        self._scenario = scenario
        self._number = number

    @property
    def pid(self) -> int:
        """The process id of Blender itself (chroot replaces itself by it)."""
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def log(self) -> str:
        return (self._space.folder / f"blender-{self._number}.log").read_text(errors="replace")

    def records(self) -> dict[str, Any]:
        """What has been recorded so far; a scenario may be waiting for the test to do something."""
        path = self._space.folder / f"records-{self._number}.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def wait_for_record(self, key: str, timeout: float = 60.0) -> Any:
        """Wait until the scenario has recorded something under `key`."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if key in (records := self.records()):
                return records[key]
            if not self.running:
                break
            time.sleep(0.05)
        raise self._failure(f"no record {key!r}")

    def kill(self) -> None:
        """SIGKILL to Blender alone; what it has started lives on."""
        self._process.kill()
        self._process.wait()

    def wait(self, timeout: float) -> Result:
        """The result; raises ScenarioFailed."""
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGABRT)
            raise self._failure(f"no end after {timeout:.0f} s") from None
        finally:
            self._process.kill()
            self._process.wait()
        path = self._space.folder / f"result-{self._number}.json"
        if not path.exists():
            raise self._failure(f"Blender ended without a result, status {status}")
        result: dict[str, Any] = json.loads(path.read_text())
        if result["error"]:
            raise self._failure(result["error"])
        return Result(self.records(), self._space.collect_images(), self.log)

    def _failure(self, text: str) -> ScenarioFailed:
        self._space.collect_images()
        tail = "\n".join(self.log.splitlines()[-30:])
        return ScenarioFailed(f"scenario {self._scenario}: {text}\n--- end of Blender's output ---\n{tail}")


class Workspace:
    """One profile and one home, for one Blender or for several in turn. `folder` is its place on this
    machine."""

    def __init__(self, world: World, display: str, folder: Path, extension: Path) -> None:
        self.world = world
        self.folder = folder
        self._display = display
        self._started = 0
        for name in (*WRITTEN_TO, "images"):
            (folder / name).mkdir()
        shutil.copy(extension, folder / "extension.zip")
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(GUI, folder / "gui", ignore=ignore)
        shutil.copytree(GUI.parent / "support", folder / "gui" / "support", ignore=ignore)

    @property
    def home(self) -> Path:
        """The store and cache root of the extension, as seen from this machine."""
        return self.folder / "home"

    def processes(self) -> list[processes.Found]:
        """All that was started from here and lives: Blender, the agent, converters."""
        return processes.mentioning([self.folder.name])

    def start(
        self, scenario: str, *, environment: Mapping[str, str] | None = None, settings: Options | None = None
    ) -> Run:
        """Start Blender on the scenario; `environment` is added to the little that is passed on from here."""
        settings = settings or options(scenario)
        self._started += 1
        inside = self.world.inside
        config = {
            "scenario": inside(self.folder / "gui" / "scenarios" / f"{scenario}.py"),
            "folder": inside(self.folder),
            "extension": inside(self.folder / "extension.zip"),
            "number": self._started,
            "display": self._display,
            "profile": settings.profile,
        }
        config_file = self.folder / f"config-{self._started}.json"
        config_file.write_text(json.dumps(config))
        command = [
            self.world.blender,
            "--factory-startup",
            "--enable-event-simulate",
            *("--window-geometry", "0", "0", "1600", "900"),
            *("-noaudio", "--python-exit-code", "1"),
            *settings.arguments,
            *("--python", inside(self.folder / "gui" / "driver.py")),
            *("--", inside(config_file)),
        ]
        variables = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        variables |= {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "DISPLAY": self._display,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "HOME": inside(self.folder / "user"),
            "TMPDIR": inside(self.folder / "tmp"),
            "BLENDER_USER_RESOURCES": inside(self.folder / "profile"),
            "TRIPO_GENERATOR_HOME": inside(self.folder / "home"),
            "NO_PROXY": "127.0.0.1,localhost,::1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if self.world.root is not None:  # compiled shaders are kept from run to run: that halves the start
            variables["MESA_SHADER_CACHE_DIR"] = "/var/cache/mesa-shaders"
        variables |= environment or {}
        with (self.folder / f"blender-{self._started}.log").open("wb") as log:
            process = subprocess.Popen(
                self.world.command(command),
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return Run(self, scenario, process, self._started)

    def collect_images(self) -> dict[str, Path]:
        """Copy the screenshots taken so far to build/gui; name to path there."""
        IMAGES.mkdir(parents=True, exist_ok=True)
        found = sorted((self.folder / "images").glob("*.png"))
        return {path.stem: Path(cast(str, shutil.copy(path, IMAGES))) for path in found}


@contextmanager
def open_workspace(world: World, display: str, extension: Path) -> Generator[Workspace]:
    """A workspace that is gone afterwards, with everything that was started from it."""
    with world.folder() as folder:
        try:
            yield Workspace(world, display, folder, extension)
        finally:
            # By their command lines: helpers that Blender itself starts (5.2) are handed its environment, key and all.
            leaks = secrets.in_processes(API_KEY, [folder.name], environment=False)
            stubborn = processes.end([folder.name])
            for name in WRITTEN_TO:
                leaks += secrets.in_files(API_KEY, folder / name)
        assert not stubborn, f"did not end when asked to: {stubborn}"
        assert not leaks, f"the key is in {leaks}"


def variables(sandbox: SandboxControl, key: bool = True) -> dict[str, str]:
    """What points the extension at a sandbox."""
    found = {"THREEDAISTUDIO_API_URL": sandbox.api_url}
    return found | ({"THREEDAISTUDIO_API_KEY": API_KEY} if key else {})
