"""Fixtures of the GUI tests. pytest runs outside Blender; see support/ui/outside.py, and support/ui/inside.py for
scenarios."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.machine.patience import BUSY
from support.sandbox_service.service import Sandbox, SandboxControl
from support.ui.outside import REPOSITORY, Result, Workspace, open_workspace, options, variables
from support.ui.screen_root import World, open_screen, open_world


@pytest.fixture(scope="session")
def extension_zip() -> Path:
    """The built ZIP: `TRIPO_ZIP`, else the newest in dist/."""
    built = sorted(REPOSITORY.glob("dist/*.zip"), key=lambda path: path.stat().st_mtime)
    path = Path(os.environ.get("TRIPO_ZIP") or (built[-1] if built else "dist/*.zip"))
    if not path.is_file():
        pytest.exit(f"no extension at {path}: run `make build`, or set TRIPO_ZIP", returncode=4)
    return path


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    with open_world() as opened:
        yield opened


@pytest.fixture(scope="session")
def display(world: World) -> Iterator[str]:
    with open_screen(world) as name:
        yield name


@pytest.fixture
def workspace(world: World, display: str, extension_zip: Path) -> Iterator[Workspace]:
    """A fresh profile and home; whatever was started from it is ended afterwards."""
    with open_workspace(world, display, extension_zip) as space:
        yield space


@pytest.fixture
def start_sandbox() -> Iterator[Callable[..., SandboxControl]]:
    """Start sandboxes with further command-line arguments; they end with the test."""
    started: list[Sandbox] = []

    def start(*arguments: str) -> SandboxControl:
        started.append(Sandbox(*arguments))
        return started[-1].start()

    yield start
    for process in started:
        process.stop()


@pytest.fixture
def run_scenario(workspace: Workspace, start_sandbox: Callable[..., SandboxControl]) -> Callable[[str], Result]:
    """Run one scenario to its end with a sandbox of its own."""
    return lambda name: _run(workspace, start_sandbox, name)


@pytest.fixture
def run_afresh(
    world: World, display: str, extension_zip: Path, start_sandbox: Callable[..., SandboxControl]
) -> Callable[[str], Result]:
    """Run a scenario, each time in a fresh profile and home."""

    def run(name: str) -> Result:
        with open_workspace(world, display, extension_zip) as space:
            return _run(space, start_sandbox, name)

    return run


def _run(space: Workspace, start_sandbox: Callable[..., SandboxControl], name: str) -> Result:
    wanted = options(name)
    control = start_sandbox(*wanted.sandbox)
    return space.start(name, environment=variables(control, wanted.key)).wait(BUSY * wanted.timeout)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Windows take their time on a busy machine."""
    for item in items:
        item.add_marker(pytest.mark.timeout(1200))
