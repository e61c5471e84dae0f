# SPDX-License-Identifier: GPL-3.0-or-later
"""The choices, limits and defaults of a placement."""

from __future__ import annotations

from collections.abc import Mapping

CURSOR, ORIGIN, POINT = "CURSOR", "ORIGIN", "POINT"
LOCATIONS = (CURSOR, ORIGIN, POINT)

DELIVERED, REAL_WORLD, METRES = "DELIVERED", "REAL_WORLD", "METRES"
FITS = (DELIVERED, REAL_WORLD, METRES)

FACINGS: Mapping[str, int] = {"POS_X": 0, "NEG_Y": 270, "NEG_X": 180, "POS_Y": 90}
"""Where the front faces, and how many degrees about Z it takes: results come facing +X."""

SMALLEST_SIZE, LARGEST_SIZE = 0.001, 10_000.0
LARGEST_DISTANCE = 1.0
MERGE_DISTANCE = 0.0001
SMOOTH_ANGLE = 0.5235988
"""Radians: 30°."""
