# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: the table of all that can go wrong (`table`), and the queue of what was ordered (`queue`)."""

from __future__ import annotations

from typing import cast

from ..messages import Response
from .kinds import AFTER, BEFORE, EFFECT, Effect, Expect, Fault, Row, Scene, Spoil
from .mechanisms import status_code
from .queue import Faults
from .table import ROWS

__all__ = ["AFTER", "BEFORE", "EFFECT", "ROWS", "Expect", "Fault", "Faults", "Row", "Scene", "affect", "spoil"]


def spoil(fault: Fault, scene: Scene) -> Response:
    """The answer a fault of stage `before` or `after` leads to."""
    row = ROWS.get(fault.name)
    return status_code(fault, scene) if row is None else cast(Spoil, row.does)(fault, scene)


def affect(fault: Fault, scene: Scene) -> None:
    """Let a fault of stage `effect` happen."""
    cast(Effect, ROWS[fault.name].does)(fault, scene)
