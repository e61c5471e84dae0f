"""Processes whose Pythons have different monotonic clocks, as on Windows, share a lease, a budget and a claim."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager

import pytest

from client import machine_clock
from client.store import Database, LeaseTable
from client.store.claims import is_claimed, new_owner
from client.store.rate_budget import RateTable

APART = 50.0
Newer = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def newer_python(monkeypatch: pytest.MonkeyPatch) -> Newer:
    """A context in which the time of this process is another one than the machine's."""
    real = time.monotonic

    @contextmanager
    def there() -> Generator[None]:
        with monkeypatch.context() as patched:
            patched.setattr(machine_clock, "_ticks", lambda: lambda: real() * 1000)
            patched.setattr(time, "monotonic", lambda: real() + APART)
            yield

    return there


def test_one_agent_holds_the_lease(database: Database, newer_python: Newer) -> None:
    leases = LeaseTable(database)
    assert leases.acquire("account", "older", 1)
    with newer_python():
        assert not leases.acquire("account", "newer", 2)
        leases.release("account", "older")
        assert leases.acquire("account", "newer", 2)
    assert not leases.acquire("account", "older", 1)


def test_both_draw_on_one_budget(database: Database, newer_python: Newer) -> None:
    rate = RateTable(database, "account", 3)
    for _ in range(3):
        stamp = rate.reserve("submit")
        assert stamp is not None
        rate.complete(stamp)
    with newer_python():
        assert rate.reserve("submit") is None
        now = time.monotonic()
        assert rate.budget(now).next_slot(now) == pytest.approx(now + 60.0, abs=5.0)
        rate.refused(100.0, 5.0)
        assert rate.budget(now).next_slot(now) == pytest.approx(now + 100.0, abs=5.0)
    now = time.monotonic()
    assert rate.budget(now).next_slot(now) == pytest.approx(now + 100.0, abs=5.0)


def test_a_claim_holds(newer_python: Newer) -> None:
    claimed_at = machine_clock.now()
    with newer_python():
        assert is_claimed(new_owner(), claimed_at, machine_clock.now())


def test_elsewhere_it_is_the_monotonic_clock() -> None:
    if sys.platform != "win32":
        assert machine_clock.lead() == 0.0
    assert machine_clock.now() + machine_clock.lead() == pytest.approx(time.monotonic(), abs=1.0)
