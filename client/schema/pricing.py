# SPDX-License-Identifier: GPL-3.0-or-later
"""Compute the exact price of a request in credits, from the service's price tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from . import COSTS, ENDPOINTS, Kind, ModelVersion, Value, effective_values


class PriceLine(NamedTuple):
    """One reason for credits."""

    label: str
    credits: int


class Price(NamedTuple):
    """A total in credits, with the lines that make it up."""

    lines: tuple[PriceLine, ...]

    @property
    def total(self) -> int:
        """Credits the service takes at submit."""
        return sum(line.credits for line in self.lines)


def price(kind: Kind, version: ModelVersion, given: Mapping[str, Value]) -> Price:
    """Return the price of a request from its explicitly given parameters; the rest count as their defaults."""
    endpoint = ENDPOINTS[kind]
    values = effective_values(kind, version, given)
    lines = [PriceLine(f"{endpoint.label} {version}", endpoint.base_credits[version])]
    lines.extend(
        PriceLine(cost.label, cost.credits)
        for cost in COSTS
        if version in cost.versions and all(values.get(name) == value for name, value in cost.when.items())
    )
    return Price(tuple(lines))
