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

FEWEST_TRIANGLES, MOST_TRIANGLES = 100, 2_000_000
TRIANGLES = 15_000
MOST_LODS = 3
SMALLEST_TEXTURE, LARGEST_TEXTURE = 64, 8192
TEXTURE_SIZE = 2048
"""Pixels of the longest side."""
BUDGET_LIMITS: Mapping[str, tuple[int, int]] = {
    "budget_triangles": (FEWEST_TRIANGLES, MOST_TRIANGLES),
    "budget_lods": (0, MOST_LODS),
    "budget_texture_size": (SMALLEST_TEXTURE, LARGEST_TEXTURE),
}
"""The numbers of a budget, by the names of their fields."""
