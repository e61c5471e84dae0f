"""Laying one surface over another."""

from __future__ import annotations

import numpy as np
import pytest

from converter.alignment import alignment, samples


def box(sides: tuple[float, float, float], *, lump: bool = True) -> np.ndarray:
    """Triangles of a box, with a smaller one on its side that tells where its front is."""
    corners = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float64)
    faces = [(0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1), (2, 3, 7), (2, 7, 6), (0, 2, 6),
             (0, 6, 4), (1, 5, 7), (1, 7, 3)]  # fmt: skip
    triangles = corners[np.array(faces)] * sides
    if not lump:
        return triangles
    return np.concatenate([triangles, corners[np.array(faces)] * (0.4, 0.2, 0.3) + (sides[0], 0.1, 0.2)])


def moved(triangles: np.ndarray, quarter: int, scale: float, shift: tuple[float, float, float]) -> np.ndarray:
    cosine, sine = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarter]
    turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    return triangles @ turn.T * scale + shift


@pytest.mark.parametrize("quarter", range(4))
@pytest.mark.parametrize("sides", [(1.0, 1.0, 1.0), (2.0, 1.0, 0.5), (1.0, 1.4, 3.0)])
def test_a_model_is_laid_over_where_it_came_from(sides: tuple[float, float, float], quarter: int) -> None:
    target = box(sides)
    source = moved(target, quarter, 0.31, (5.0, -2.0, 0.7))
    matrix = alignment(source, target)
    back = source.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]
    assert np.abs(back.reshape(-1, 3, 3) - target).max() < 1e-6


def test_what_fits_in_every_turn_is_not_turned() -> None:
    target = box((1.0, 1.0, 2.0), lump=False)
    matrix = alignment(moved(target, 0, 3.0, (1.0, 2.0, 3.0)), target)
    assert matrix[0, 0] > 0 and abs(matrix[0, 1]) < 1e-9


def test_samples_are_spread_by_area_and_lie_on_the_triangles() -> None:
    triangles = np.array([[(0, 0, 0), (1, 0, 0), (0, 1, 0)], [(5, 0, 0), (8, 0, 0), (5, 3, 0)]], np.float64)
    points = samples(triangles, 5000)
    assert np.abs(points[:, 2]).max() == 0.0
    assert (points[:, 0] >= 5).mean() == pytest.approx(0.9, abs=0.02)
    assert (points[points[:, 0] < 5][:, :2].sum(axis=1) <= 1 + 1e-9).all()
