"""Whether a balance suffices, and how ages are written."""

from __future__ import annotations


def is_less(balance: str, price: int) -> bool:
    """Tell whether a known balance does not cover a price."""
    try:
        return bool(balance) and float(balance) < price
    except ValueError:
        return False


def age_text(seconds: float) -> str:
    """Return how long ago something was, in the largest unit that fits."""
    for limit, unit, name in ((5400, 60, "min"), (129_600, 3600, "h"), (float("inf"), 86_400, "d")):
        if seconds < 90:
            break
        if seconds < limit:
            return f"{round(seconds / unit)} {name} ago"
    return "just now"
