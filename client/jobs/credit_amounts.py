# SPDX-License-Identifier: GPL-3.0-or-later
"""Read amounts of credits; anything else than an amount is unknown."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

_MOST = Decimal(10**12)
_LONGEST = 64
"""Characters of a believable amount."""
_DECIMALS = 6


def read_credits(value: object) -> Decimal | None:
    """Return an amount, or None for what cannot be one: not a number, not finite, or absurdly large. Never raises.

    A negative amount is one: an account may be overdrawn.
    """
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
            return None
        if isinstance(value, str) and len(value) > _LONGEST:
            return None
        amount = Decimal(repr(value) if isinstance(value, float) else value)
        if not amount.is_finite() or abs(amount) > _MOST:
            return None
        exponent = amount.as_tuple().exponent
        return round(amount, _DECIMALS) if isinstance(exponent, int) and exponent < -_DECIMALS else amount
    except (InvalidOperation, ValueError, OverflowError):
        return None
