# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock that all processes of this machine share, in seconds since about its start. No clock change touches it.

``time.monotonic()`` is that clock, but on Windows: there it is ``GetTickCount64`` up to Python 3.12 and
``QueryPerformanceCounter`` from 3.13 on (python/cpython#88494), which begin and run apart. Blender 4.2 has the one and
5.2 the other, and both may use one store.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import cache


def now() -> float:
    """Return the time that the store keeps of leases, claims and requests."""
    ticks = _ticks()
    return time.monotonic() if ticks is None else ticks() / 1000.0


def lead() -> float:
    """Return how far ``time.monotonic()`` of this process is ahead of this clock, in seconds."""
    return 0.0 if _ticks() is None else time.monotonic() - now()


@cache
def _ticks() -> Callable[[], int] | None:
    """Return what tells the milliseconds; None where ``time.monotonic()`` is the same clock."""
    if sys.platform != "win32" or sys.version_info < (3, 13):
        return None
    import ctypes

    count = ctypes.WinDLL("kernel32").GetTickCount64
    count.restype = ctypes.c_ulonglong
    return count
