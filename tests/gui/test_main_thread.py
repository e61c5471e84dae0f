"""The promise that Blender never waits: measured in a real window while a job runs and the view is orbited."""

from __future__ import annotations

from collections.abc import Callable

from support.gui import Result

LONGEST_MS = 10.0


def test_no_callback_holds_the_main_thread(run_scenario: Callable[[str], Result]) -> None:
    taken = run_scenario("main_job").records
    print(taken)
    assert taken["main_thread"]["calls"] > 20
    assert taken["main_thread"]["longest_ms"] < LONGEST_MS, taken["main_thread"]
    assert len(taken["main_thread"]["delivery_ms"]) == 1
    assert taken["objects"] >= 1
