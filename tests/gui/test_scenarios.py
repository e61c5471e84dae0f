"""Every scenario that does not bring a test of its own: passed when it ends without an exception."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.ui.outside import SCENARIOS, Result, options

NAMES = sorted(path.stem for path in SCENARIOS.glob("[!_]*.py"))


@pytest.mark.parametrize("name", [name for name in NAMES if not options(name).own_test])
def test_scenario(name: str, run_scenario: Callable[[str], Result]) -> None:
    run_scenario(name)
