# SPDX-License-Identifier: GPL-3.0-or-later
"""Treat a double click on a button as one press."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

from ..session.operator_return import OperatorReturn

DOUBLE_SECONDS = 0.7
"""How soon after the end of a press the same press again is the second half of a double click."""

_last: tuple[Hashable, float] = (None, float("-inf"))


def once(what: Hashable, run: Callable[[], OperatorReturn]) -> OperatorReturn:
    """Run a press unless it only repeats the last one; ``what`` tells the button and what it would do.

    For presses in the interface, which ``invoke`` sees. A script that calls an operator twice means it. The time counts
    from the end of the first press: a click that came while Blender was busy with it is handled after that.
    """
    global _last
    before, ended = _last
    if what == before and time.monotonic() - ended < DOUBLE_SECONDS:
        return {"CANCELLED"}
    result = run()
    if result != {"CANCELLED"}:  # what was refused may be pressed again
        _last = (what, time.monotonic())
    return result
