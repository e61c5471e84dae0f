# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a balance suffices, and how ages are written."""

from __future__ import annotations

from ..client.notices import N_, Notice, text


def is_less(balance: str, price: int) -> bool:
    """Whether a known balance does not cover a price."""
    try:
        return bool(balance) and float(balance) < price
    except ValueError:
        return False


def left_after(balance: str, price: int) -> str:
    """Return what is left of a known balance after a price, with the decimals that it has; empty when none is known."""
    whole, point, decimals = balance.partition(".")
    try:
        return f"{int(whole) - price}{point}{decimals}" if int(whole) >= price else ""
    except ValueError:
        return ""


def age_notice(seconds: float) -> Notice:
    """Return how long ago something was, in the largest unit that fits."""
    if seconds < 90:
        return text(N_("just now"))
    if seconds < 5400:
        return text(N_("{minutes} min ago"), minutes=round(seconds / 60))
    if seconds < 129_600:
        return text(N_("{hours} h ago"), hours=round(seconds / 3600))
    return text(N_("{days} d ago"), days=round(seconds / 86_400))
