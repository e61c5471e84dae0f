# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a UV map can be baked onto: of no two faces the same place. All arrays are numpy."""

from __future__ import annotations

from typing import Any

import numpy as np

from converter.alignment import barycentric

_OUTSIDE = 1e-3
_SMALLEST = 1e-3
"""Share of the image that a UV map has to use."""
_COLLAPSED = 0.5
"""Share of triangles that may have no area in the image."""
_CELLS = 256
_SHOTS = 400_000
_TWICE = 1.2
"""How much larger the sum of the triangles may be than the place that they take."""


def covers_once(triangles: Any) -> bool:
    """Whether the triangles (n, 3, 2) of a UV map lie within the image and no two share a place, so that a texture can
    be baked onto it."""
    if not len(triangles) or triangles.min() < -_OUTSIDE or triangles.max() > 1.0 + _OUTSIDE:
        return False
    one, other = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    areas = np.abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]) / 2
    total = float(areas.sum())
    if total < _SMALLEST or (areas < 1e-12).mean() > _COLLAPSED:
        return False
    random = np.random.default_rng(1)
    reach = np.cumsum(areas)
    chosen = triangles[np.minimum(np.searchsorted(reach, random.random(_SHOTS) * total), len(triangles) - 1)]
    shots = np.einsum("nc,ncx->nx", barycentric(random, _SHOTS), chosen.astype(np.float64))
    cells = np.unique((np.clip(shots, 0.0, 1.0 - 1e-9) * _CELLS).astype(np.int64) @ np.array([_CELLS, 1]))
    return total <= _TWICE * len(cells) / _CELLS**2
