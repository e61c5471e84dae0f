# SPDX-License-Identifier: GPL-3.0-or-later
"""Check whether a press may spend its credits: ask, refuse, or let it pass."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING, NamedTuple

from ..account import DEFAULT_ASK_ABOVE
from ..notices import N_, Notice, text

if TYPE_CHECKING:
    from decimal import Decimal


class Limits(NamedTuple):
    """The artist's own limits in credits; ``daily_cap`` None means no cap."""

    ask_above: int = DEFAULT_ASK_ABOVE
    daily_cap: int | None = None


class SpendingCheck(NamedTuple):
    """``refusal`` is why not, if so; ``questions`` are to be put before a person, if any."""

    refusal: Notice | None
    questions: tuple[Notice, ...]


@lru_cache(maxsize=64)
def credit_text(credits: int | str) -> str:
    """Return an amount with thousands separators, and only the decimals that it has."""
    whole, point, decimals = str(credits).partition(".")
    try:
        return f"{int(whole):,}{point}{decimals}"
    except ValueError:
        return str(credits)


def affordable(prices: Iterable[int], limits: Limits, spent_today: int) -> int:
    """Return how many of these, one after the other, the daily cap allows."""
    whole = (spent_today + total for total in accumulate(prices))
    return sum(1 for _ in takewhile(lambda total: limits.daily_cap is None or total <= limits.daily_cap, whole))


def check(price: int, limits: Limits, *, spent_today: int, balance: Decimal | None, unsent: int = 0) -> SpendingCheck:
    """Return what stands in the way of spending ``price`` credits.

    ``spent_today`` counts what was submitted since local midnight, less what was given back; ``balance`` is the last
    known one, or None. A balance that does not suffice is no refusal: it may be out of date. ``unsent`` is what earlier
    steps of the same chain cost that are not sent yet: they are asked about together with this one, and are counted in
    ``spent_today`` already.
    """
    cap = limits.daily_cap
    if cap is not None and spent_today + price > cap:
        refusal = text(
            N_(
                "This costs {price} credits and {spent} of today's {cap} are spent: raise the daily cap in the"
                " preferences, or wait until tomorrow"
            ),
            price=credit_text(price),
            spent=credit_text(spent_today),
            cap=credit_text(cap),
        )
        return SpendingCheck(refusal, ())
    questions: list[Notice] = []
    whole = price + unsent
    if balance is not None and whole > balance:
        words = N_("The last known balance is {balance} credits, which does not cover {price}")
        questions.append(text(words, balance=credit_text(f"{balance:f}"), price=credit_text(whole)))
    if whole > limits.ask_above:
        words = N_("The preferences ask you to confirm above {limit} credits")
        questions.append(text(words, limit=credit_text(limits.ask_above)))
    return SpendingCheck(None, tuple(questions))
