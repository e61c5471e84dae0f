"""Whether a texture can be baked onto a UV map."""

from __future__ import annotations

import numpy as np
import pytest

from converter.uv_coverage import covers_once


def grid(count: int, low: float = 0.05, high: float = 0.95) -> np.ndarray:
    """The two triangles of each square of a grid in the image."""
    edges = np.linspace(low, high, count + 1)
    found: list[list[tuple[float, float]]] = []
    for x in range(count):
        for y in range(count):
            a, b, c, d = (edges[x], edges[x + 1], edges[y], edges[y + 1])
            found += [[(a, c), (b, c), (b, d)], [(a, c), (b, d), (a, d)]]
    return np.array(found)


@pytest.mark.parametrize(("triangles", "may"), [
    (grid(20), True),
    (grid(3, 0.4, 0.5), True),
    (grid(20, 0.0, 1.0), True),
    (np.concatenate([grid(20), grid(20)]), False),
    (np.concatenate([grid(20), grid(20)[:, ::-1]]), False),
    (grid(20, 0.0, 3.0), False),
    (grid(20, -0.5, 0.5), False),
    (np.zeros((10, 3, 2)), False),
    (np.empty((0, 3, 2)), False),
], ids=["plain", "small", "full", "twice", "mirrored", "tiled", "outside", "collapsed", "none"])  # fmt: skip
def test_a_texture_is_baked_only_where_each_place_is_used_once(triangles: np.ndarray, may: bool) -> None:
    assert covers_once(triangles) is may
