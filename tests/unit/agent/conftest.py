"""Worlds for agents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import Sandbox
from support.agent_lab.agents import KEY, World
from support.agent_lab.agents import world as make_world
from support.sandbox_service.variety import vary


@pytest.fixture(scope="module")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox(keys=(KEY,), requests_per_minute=0, seconds=0.0, credits=100_000) as sandbox:
        yield sandbox


@pytest.fixture
def world(tmp_path: Path, running_sandbox: Sandbox) -> Iterator[World]:
    """A fresh store beside the module's sandbox, which is as new too."""
    running_sandbox.reset()
    running_sandbox.set(
        requests_per_minute=0,
        seconds=0.0,
        retry_after="none",
        envelope="any",
        result_shape="any",
        **vary(tmp_path.name),
    )
    made = World(tmp_path, running_sandbox)
    yield made
    made.close()


@pytest.fixture
def lone_world(tmp_path: Path) -> Iterator[World]:
    """A world with a sandbox of its own, for tests that turn its clock."""
    with make_world(tmp_path) as made:
        yield made
