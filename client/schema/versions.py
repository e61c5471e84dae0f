# SPDX-License-Identifier: GPL-3.0-or-later
"""Fit numbers to another model version, and give them back when they are valid again.

All other options are valid with every version that takes them, so they stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from .parameters import PARAMETERS
from .types import GENERATION, ModelVersion


class PutAside(NamedTuple):
    """A number as it was set, and what is shown in its place while a version does not take it."""

    wanted: int
    shown: int


@cache
def bounds_of(version: ModelVersion) -> Mapping[str, tuple[int, int]]:
    """Return the smallest and the largest value of each number that a version takes, by its name."""
    return {
        parameter.name: (int(scope.minimum), int(scope.maximum))
        for parameter in PARAMETERS
        if parameter.type == "integer"
        for scope in parameter.scopes
        if scope.kinds & GENERATION
        and version in scope.versions
        and scope.minimum is not None
        and scope.maximum is not None
    }


def fit(
    shown: Mapping[str, int], put_aside: Mapping[str, PutAside], version: ModelVersion
) -> tuple[dict[str, int], dict[str, PutAside]]:
    """Return the numbers for a version, and what was put aside for them.

    What was set last counts: a number that was changed after it had been fitted is not given back as it was before.
    """
    fitted, aside = dict(shown), dict(put_aside)
    for name, (low, high) in bounds_of(version).items():
        if name not in shown:
            continue
        before = aside.pop(name, None)
        wanted = before.wanted if before is not None and before.shown == shown[name] else shown[name]
        fitted[name] = min(max(wanted, low), high)
        if fitted[name] != wanted:
            aside[name] = PutAside(wanted, fitted[name])
    return fitted, aside
