# SPDX-License-Identifier: GPL-3.0-or-later
"""Check whether a press may spend its credits: ask, refuse, or let it pass."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ..account import DEFAULT_ASK_ABOVE

if TYPE_CHECKING:
    from decimal import Decimal


class Limits(NamedTuple):
    """The artist's own limits in credits; ``daily_cap`` None means no cap."""

    ask_above: int = DEFAULT_ASK_ABOVE
    daily_cap: int | None = None


class SpendingCheck(NamedTuple):
    """``refusal`` is a sentence, or empty; ``questions`` are sentences to put before a person, or none."""

    refusal: str
    questions: tuple[str, ...]


@lru_cache(maxsize=64)
def credit_text(credits: int | str) -> str:
    """Return an amount with its thousands parted, and only the decimals that it has."""
    whole, point, decimals = str(credits).partition(".")
    try:
        return f"{int(whole):,}{point}{decimals}"
    except ValueError:
        return str(credits)


def check(price: int, limits: Limits, *, spent_today: int, balance: Decimal | None) -> SpendingCheck:
    """Return what stands in the way of spending ``price`` credits.

    ``spent_today`` counts what was submitted since local midnight, less what was given back; ``balance`` is the last
    known one, or None. A balance that does not suffice is no refusal: it may be out of date.
    """
    cap = limits.daily_cap
    if cap is not None and spent_today + price > cap:
        return SpendingCheck(
            f"This costs {price} credits and {spent_today} of today's {cap} are spent:"
            " raise the daily cap in the preferences, or wait until tomorrow",
            (),
        )
    questions: list[str] = []
    if balance is not None and price > balance:
        questions.append(f"The last known balance is {balance:f} credits, which does not cover {price}")
    if price > limits.ask_above:
        questions.append(f"That is more than {limits.ask_above} credits, above which you want to be asked")
    return SpendingCheck("", tuple(questions))
