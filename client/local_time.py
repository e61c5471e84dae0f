# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert times to the artist's clock and calendar; all in seconds since the epoch."""

from __future__ import annotations

import time


def time_text(seconds: float) -> str:
    """Return a time to the minute, for somebody at this machine: ``2026-11-22 14:50``."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def exact_time_text(seconds: float) -> str:
    """Return a time to the second with its offset, for somebody elsewhere: ``2026-11-22 14:50:07 +0100``."""
    return time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(seconds))


def midnight(now: float) -> float:
    """Return when the present day began here."""
    day = time.localtime(now)
    return time.mktime((day.tm_year, day.tm_mon, day.tm_mday, 0, 0, 0, 0, 0, -1))


def first_of_month(now: float) -> float:
    """Return when the present month began here."""
    day = time.localtime(now)
    return time.mktime((day.tm_year, day.tm_mon, 1, 0, 0, 0, 0, 0, -1))
