# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a balance suffices, and how ages are written."""

from __future__ import annotations


def is_less(balance: str, price: int) -> bool:
    """Whether a known balance does not cover a price."""
    try:
        return bool(balance) and float(balance) < price
    except ValueError:
        return False


def age_text(seconds: float) -> str:
    """Return how long ago something was, in the largest unit that fits."""
    if seconds < 90:
        return "just now"
    if seconds < 5400:
        return f"{round(seconds / 60)} min ago"
    if seconds < 129_600:
        return f"{round(seconds / 3600)} h ago"
    return f"{round(seconds / 86_400)} d ago"
