"""The first minute in a fresh profile: a model with three clicks and one typed line, and nothing held up by it."""

from __future__ import annotations

from collections.abc import Callable

from support.ui.outside import Result

LONGEST_MS = 40.0
"""More could be felt. On a quiet machine the longest call, which opens the store, takes 8 to 11."""


def test_three_clicks_and_a_line(run_scenario: Callable[[str], Result]) -> None:
    taken = run_scenario("first_minute").records
    print(taken)
    assert taken["clicks"] == 3
    for name in ("first", "second"):
        rectangle, model, coloured = taken[name]
        assert rectangle > 0.02 and model > 0.2, f"the {name} model can hardly be seen"
        assert coloured > 0.2, f"the {name} model is grey"
    assert taken["main_thread"]["longest_ms"] < LONGEST_MS, taken["taken_ms"]
