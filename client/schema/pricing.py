# SPDX-License-Identifier: GPL-3.0-or-later
"""Compute the price of a request in credits, from the service's price tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from . import BY_NAME, COSTS, ENDPOINTS, Kind, ModelVersion, Value, effective_values
from .types import Cost


class PriceLine(NamedTuple):
    """One reason for credits; one that is not ``certain`` may come or not."""

    label: str
    credits: int
    certain: bool = True


class Price(NamedTuple):
    """A total in credits, with the lines that make it up."""

    lines: tuple[PriceLine, ...]

    @property
    def total(self) -> int:
        """Credits the service takes at submit; the highest it may take, where its pages leave that open."""
        return sum(line.credits for line in self.lines)

    @property
    def lowest(self) -> int:
        """The fewest credits that it may be."""
        return sum(line.credits for line in self.lines if line.certain)

    @property
    def text(self) -> str:
        """The total as it is shown: "40", or "20–30" where it is not certain."""
        return f"{self.total:,}" if self.lowest == self.total else f"{self.lowest:,}–{self.total:,}"


def price(kind: Kind, version: ModelVersion | None, given: Mapping[str, Value], images: Collection[str] = ()) -> Price:
    """Return the price of a request from its explicitly given parameters and the image slots that are filled; the
    rest count as their defaults."""
    endpoint = ENDPOINTS[kind]
    values = effective_values(kind, version, given) | dict.fromkeys(images, True)
    name = f"{endpoint.label} {version}" if version is not None else endpoint.label
    lines = [PriceLine(name, endpoint.base_credits[version])]
    lines.extend(
        PriceLine(cost.label, cost.credits, cost.certain)
        for cost in COSTS
        if kind in cost.kinds and (version in cost.versions or not cost.versions) and _comes(cost, values)
    )
    return Price(tuple(lines))


def combined(*prices: Price) -> Price:
    """Return what several requests cost together."""
    return Price(tuple(line for one in prices for line in one.lines))


def _comes(cost: Cost, values: Mapping[str, Value | None]) -> bool:
    if not all(values.get(name) == value for name, value in cost.when.items()):
        return False
    return not cost.any_of or any(name in values and values[name] != BY_NAME[name].default for name in cost.any_of)
