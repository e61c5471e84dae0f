"""How the tab looks, for people to look at: `TRIPO_LOOKS=1 make test-gui ARGS="-k looks"`, then build/gui."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from support.ui.outside import Result


@pytest.mark.skipif("TRIPO_LOOKS" not in os.environ, reason="nothing but eyes can tell: set TRIPO_LOOKS")
def test_looks(run_scenario: Callable[[str], Result]) -> None:
    images = run_scenario("looks").images
    assert sum(name.startswith("look-") and "x-" in name for name in images) == 36
