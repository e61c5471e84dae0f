"""Tests inside Blender: the bpy wheel with the built ZIP installed, in a profile that is thrown away.

    build/bpy-5.2 -m pytest tests/blender

`make test` builds the ZIP and does this for every wheel. `TRIPO_ZIP` names the ZIP, else it is the newest in
dist/. The repository itself is not on the path: what a test imports is what an artist installs. Every test
starts with a fresh home and an empty file. Fixtures: `extension` (module name), `package` (imports one of its
modules), `home`, `sandbox`, `sandbox_process`, `quick`, `short_past`, `state`, `worker`.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != REPOSITORY]

# All of this must be so before bpy is imported: it reads its folders once.
SCRATCH = Path(tempfile.mkdtemp(prefix="tripo-test-"))
os.environ["BLENDER_USER_RESOURCES"] = str(SCRATCH / "profile")
os.environ["TRIPO_GENERATOR_HOME"] = str(SCRATCH / "home")
os.environ["TMPDIR"] = str(SCRATCH / "tmp")
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost,::1"
for name in ("THREEDAISTUDIO_API_KEY", "THREEDAISTUDIO_API_URL"):
    os.environ.pop(name, None)
for name in ("profile", "home", "tmp"):
    (SCRATCH / name).mkdir()
tempfile.tempdir = None  # so that TMPDIR is read again

import bpy  # noqa: E402

from support.checks import secrets  # noqa: E402
from support.checks.tables import print_table, pytest_terminal_summary  # noqa: E402, F401 - for pytest
from support.machine import processes  # noqa: E402
from support.models.worker import Worker  # noqa: E402
from support.sandbox_service.service import API_KEY, Sandbox, SandboxControl  # noqa: E402
from support.sandbox_service.variety import seed_of  # noqa: E402

MODULE = "bl_ext.user_default.tripo_generator"
LONG_FILES = frozenset(
    f"test_{name}.py"
    for name in ("crash_chain", "tools", "two_versions", "crash_blender", "generate", "mutated_files", "images")
)
"""Files that take a minute or more."""


def built_zip() -> Path:
    """Where the ZIP under test is, or should be."""
    if given := os.environ.get("TRIPO_ZIP"):
        path = Path(given)
    else:
        built = sorted(REPOSITORY.glob("dist/*.zip"), key=lambda path: path.stat().st_mtime)
        path = built[-1] if built else REPOSITORY / "dist" / "(nothing built)"
    return path


@pytest.fixture(scope="session")
def extension() -> Iterator[str]:
    """Install and enable the ZIP; the name of its module. Disabled at the end: then nothing may be left."""
    if not built_zip().is_file():
        pytest.exit(f"no extension at {built_zip()}: run `make build`, or set TRIPO_ZIP", returncode=4)
    bpy.context.preferences.system.use_online_access = True
    result = bpy.ops.extensions.package_install_files(
        repo="user_default", filepath=str(built_zip()), enable_on_install=True
    )
    assert result == {"FINISHED"}
    assert MODULE in bpy.context.preferences.addons, "installed, but its register() failed: see above"
    yield MODULE
    if MODULE in bpy.context.preferences.addons:  # a test of disabling may have left it so
        bpy.ops.preferences.addon_disable(module=MODULE)
    left = processes.wait_gone([str(SCRATCH)], 20)
    assert not left, f"processes left after the extension was disabled: {left}"


@pytest.fixture
def package(extension: str) -> Callable[[str], ModuleType]:
    """Import a module of the installed extension: `package("client.schema")`."""
    return lambda name: importlib.import_module(f"{extension}.{name}" if name else extension)


@pytest.fixture(autouse=True)
def home(extension: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A new, empty store and cache root for each test, and an empty file with the extension enabled.

    Its agents wait half a second after an error instead of five.
    """
    folder = Path(tempfile.mkdtemp(prefix="home-", dir=SCRATCH))
    before = dict(os.environ)
    os.environ["TRIPO_GENERATOR_HOME"] = str(folder)
    if extension not in bpy.context.preferences.addons:
        bpy.ops.preferences.addon_enable(module=extension)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.context.preferences.system.use_online_access = True
    assert not bpy.data.objects and extension in bpy.context.preferences.addons
    watch, timings = (
        importlib.import_module(f"{extension}.{name}") for name in ("session.agent_supervisor", "client.timings")
    )
    monkeypatch.setattr(watch, "start_agent", partial(watch.start_agent, timings=timings.Timings(first_delay=0.5)))
    yield folder
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)
    leaks = secrets.in_processes(API_KEY, [str(folder)])
    stubborn = processes.end([str(folder)])
    logs = [folder / "agent.log", folder / "agent.stderr.log"] if stubborn else []
    said = "\n".join(log.read_text(errors="replace")[-6000:] for log in logs if log.is_file())
    leaks += secrets.in_files(API_KEY, folder)
    shutil.rmtree(folder, ignore_errors=True)
    assert not stubborn, f"did not end when asked to: {stubborn}\n{said}"
    assert not leaks, f"the key is in {leaks}"


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    """The sandbox process that the tests share; `sandbox` gives it reset."""
    process = Sandbox()
    yield process
    process.stop()


@pytest.fixture
def sandbox(
    sandbox_process: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[SandboxControl]:
    """A fresh sandbox with the extension pointed at it by the environment, key included."""
    if sandbox_process.running:
        sandbox_process.control.reset()
    else:
        sandbox_process.start()
    sandbox_process.control.settings(variety_seed=seed_of(request.node.name))
    monkeypatch.setenv("THREEDAISTUDIO_API_URL", sandbox_process.control.api_url)
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", API_KEY)
    yield sandbox_process.control


@pytest.fixture
def quick(sandbox: SandboxControl, extension: str, short_past: None) -> SandboxControl:
    """The service without its slowness: half a second for a model, no limit on requests."""
    sandbox.settings(requests_per_minute=0, seconds=0.5)
    bpy.context.preferences.addons[extension].preferences.requests_per_minute = 600
    return sandbox


@pytest.fixture
def state(extension: str) -> Iterator[Any]:
    """What the panels show of the store; empty again afterwards."""
    shown: Any = bpy.context.window_manager.tripo
    yield shown
    shown.jobs.clear()
    for name in ("active_job", "show", "balance", "balance_at", "balance_problem", "balance_pending", "notice"):
        shown.property_unset(name)


@pytest.fixture
def worker(extension: str) -> Iterator[Worker]:
    """The extension's converter, under this wheel."""
    one = Worker(Path(importlib.import_module(extension).__file__ or "").parent)
    yield one
    one.close()


@pytest.fixture
def short_past(package: Callable[[str], ModuleType], home: Path) -> None:
    """Let this machine remember that generations take about a second: the agent then looks early."""
    store, schema = package("client.store"), package("client.schema")
    request, place = package("client.jobs.request").GenerationRequest, package("client.paths").Home(home)
    database = store.open_database(place, durable=False, busy_seconds=5)
    jobs = store.JobTable(database)
    for kind, endpoint in schema.ENDPOINTS.items():
        version = schema.DEFAULT_VERSION if endpoint.has_versions else None
        for _ in range(5):
            job_id = jobs.insert(store.NewJob("the past", request(kind, version)))
            jobs.hide(job_id)
            database.connection.execute(
                "UPDATE job SET status = 'IMPORTED', submitted_at = 1000, finished_at = 1001 WHERE job_id = ?",
                (job_id,),
            )
    database.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: a worker that takes one last holds up the run."""
    items.sort(key=lambda item: item.path.name not in LONG_FILES)


def pytest_report_header() -> str:
    return f"Blender {bpy.app.version_string} (bpy), Python {sys.version.split()[0]}, {built_zip().name}"


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Nothing of ours may be left; runs before pytest sums up, so that what is found counts."""
    left = processes.wait_gone([str(SCRATCH)], 5)
    processes.end([str(SCRATCH)])
    leaks = secrets.in_files(API_KEY, SCRATCH)
    shutil.rmtree(SCRATCH, ignore_errors=True)
    if left:
        print(f"\nprocesses left behind: {left}")
    if SCRATCH.exists():
        print(f"\nfiles left behind in {SCRATCH}")
    if leaks:
        print(f"\nthe key is in {leaks}")
    if (left or leaks or SCRATCH.exists()) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave without the interpreter's clean-up: the bpy wheel may crash in it."""
    session = config.pluginmanager.get_plugin("session")
    status = getattr(session, "exitstatus", pytest.ExitCode.USAGE_ERROR)  # no session: it never came to tests
    shutil.rmtree(SCRATCH, ignore_errors=True)
    config.get_terminal_writer().flush()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(status))
