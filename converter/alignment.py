# SPDX-License-Identifier: GPL-3.0-or-later
"""Align one surface with another that has the same shape but other faces.

The service scales a model, moves it to the origin and sometimes turns it by a quarter about the vertical. All arrays
are numpy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from converter.triangles import QUARTERS

Points = NDArray[np.float64]

SAMPLES = 1500
_CLEARLY = 0.8
"""A turn must be nearer than the model as it is by this factor: a vase fits in every turn."""
_SIDES = 0.1
"""How much the sides of two bounds may differ, in parts of the longest, for a turn to be tried."""


def alignment(source: Any, target: Any) -> Points:
    """Return the matrix (4, 4) that lays triangles (n, 3, 3) over triangles (m, 3, 3) of another size, in another place
    and perhaps turned."""
    points = samples(source, SAMPLES), samples(target, SAMPLES)
    low, high = target.reshape(-1, 3).min(axis=0), target.reshape(-1, 3).max(axis=0)
    found: list[tuple[float, Points]] = []
    for cosine, sine in QUARTERS:
        turn = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
        turned = source.reshape(-1, 3) @ turn.T
        lowest, highest = turned.min(axis=0), turned.max(axis=0)
        scale = float((high - low).max()) / (float((highest - lowest).max()) or 1.0)
        matrix = np.eye(4)
        matrix[:3, :3] = scale * turn
        matrix[:3, 3] = (low + high) / 2 - scale * (lowest + highest) / 2
        apart = np.abs((highest - lowest) * scale - (high - low)).max()
        if not found or apart <= _SIDES * float((high - low).max()):
            moved = points[0] @ matrix[:3, :3].T + matrix[:3, 3]
            found.append((_apart(moved, points[1]), matrix))
    best = min(found, key=lambda one: one[0])
    return best[1] if best[0] < _CLEARLY * found[0][0] else found[0][1]


def samples(triangles: Any, count: int) -> Points:
    """Return points of triangles, spread evenly over their surface; the same ones each time."""
    random = np.random.default_rng(1)
    across = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    reach = np.cumsum(np.linalg.norm(across, axis=1) + 1e-30)
    chosen = triangles[np.minimum(np.searchsorted(reach, random.random(count) * reach[-1]), len(triangles) - 1)]
    weights = barycentric(random, count)
    return (weights[:, :, None] * chosen.astype(np.float64)).sum(axis=1)


def barycentric(random: np.random.Generator, count: int) -> Points:
    """Return barycentric coordinates (n, 3), evenly spread."""
    first, second = np.sqrt(random.random(count)), random.random(count)
    found: Any = [1 - first, first * (1 - second), first * second]
    return np.stack(found, axis=1)


def _apart(one: Points, other: Points) -> float:
    """Return how far two sets of points are from each other, on average."""
    gaps = ((one[:, None, :] - other[None, :, :]) ** 2).sum(axis=2)
    return float(np.sqrt(gaps.min(axis=0)).mean() + np.sqrt(gaps.min(axis=1)).mean())
