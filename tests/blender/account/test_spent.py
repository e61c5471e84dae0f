"""What was spent today and this month, as the price panel shows it."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

MARCH_15 = time.mktime((2027, 3, 15, 12, 0, 0, 0, 0, -1))
DAY = 24 * 3600.0


class Money:
    """This Blender at a time of our choice, and a ledger to fill."""

    def __init__(self, package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
        self.session: Any = package("session.current").session()
        self.account = package("properties.account").get_account(bpy.context)
        reading = package("session.store_reader")
        self.now = MARCH_15

        class Clock:
            time = staticmethod(lambda: self.now)

        monkeypatch.setattr(reading, "time", Clock)

    def spend(self, at: float, credits: int) -> None:
        self.session.database.connection.execute(
            "INSERT INTO ledger (job_id, account_id, at, name, kind, task_id, credits, outcome)"
            " VALUES ('job', ?, ?, 'a cup', 'text_to_3d', 'task', ?, 'charged')",
            (self.account.account_id, at, credits),
        )
        self.session.touch()

    def shown(self) -> tuple[int, int]:
        self.session.tick()
        state = bpy.context.window_manager.tripo
        return state.spent_today, state.spent_this_month


@pytest.fixture
def money(package: Package, sandbox: SandboxControl, monkeypatch: pytest.MonkeyPatch) -> Money:
    return Money(package, monkeypatch)


def test_today_and_this_month(money: Money) -> None:
    money.spend(MARCH_15 - 60.0, 40)
    money.spend(MARCH_15 - 60.0, -10)
    money.spend(MARCH_15 - 14 * DAY, 20)  # the first
    money.spend(MARCH_15 - 15 * DAY, 7)  # February
    assert money.shown() == (30, 50)


def test_a_new_day_and_a_new_month_begin_at_midnight(money: Money) -> None:
    """Though nothing is written to the store then."""
    money.spend(MARCH_15, 40)
    assert money.shown() == (40, 40)
    money.now = MARCH_15 + DAY / 2 - 1.0
    assert money.shown() == (40, 40)
    money.now += 2.0
    assert money.shown() == (0, 40)
    money.now = time.mktime((2027, 4, 1, 0, 0, 1, 0, 0, -1))
    assert money.shown() == (0, 0)


def test_another_account_has_spent_nothing(money: Money, monkeypatch: pytest.MonkeyPatch) -> None:
    money.spend(MARCH_15, 40)
    assert money.shown() == (40, 40)
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", "another-key-0123456789")
    money.session.file_loaded(is_startup=True)  # looks at the preferences at once
    assert money.shown() == (0, 0)
