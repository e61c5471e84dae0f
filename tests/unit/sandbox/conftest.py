"""A running sandbox per test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox import Sandbox
from support.sandbox_service.loopback import Client


@pytest.fixture
def start() -> Iterator[Callable[..., Client]]:
    """Start sandboxes; unlimited requests, a long generation and always the same answers unless said otherwise."""
    running: list[Sandbox] = []

    def make(**options: Any) -> Client:
        sandbox = Sandbox(**({"requests_per_minute": 0, "seconds": 1000.0, "variety": "plain"} | options)).start()
        running.append(sandbox)
        return Client(sandbox)

    yield make
    for sandbox in running:
        sandbox.stop()


@pytest.fixture
def client(start: Callable[..., Client]) -> Client:
    return start()
