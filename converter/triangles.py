# SPDX-License-Identifier: GPL-3.0-or-later
"""Match the triangles of two meshes by where their corners are.

The service keeps neither order nor size: vertices come split along seams, the model scaled to about 1 m, moved to the
origin and sometimes turned by a quarter about the vertical. So both sets are normalised by their bounds, and compared
as sets. All arrays are numpy; lengths are in units of the longest side of the bounds.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

TOLERANCE = 2e-4
"""How far apart corners may be: a mesh that was compressed has 14 bits and more for each coordinate."""
MISSING = 0.005
"""Share of triangles that may be without a partner: importers drop degenerate and doubled ones."""
_GIVE_UP = 0.5
"""Share of triangles that the first pass leaves without a partner in meshes that are not the same."""
_CELLS = (2e-5, 2e-5, 2e-4, 2e-4, 5e-4, 5e-4, 2e-3)
_MOST_LEFT = 20_000
"""How many triangles are looked for one by one: some 20 µs each."""
_CLOSE = 2e-6
"""Corners as near as this are the same, whatever else is near."""
_CHUNK = 1 << 17
_SIDES = 1 << 20
_ORDERS = np.array([(0, 1, 2), (1, 2, 0), (2, 0, 1), (0, 2, 1), (2, 1, 0), (1, 0, 2)], np.int64)
QUARTERS = ((1, 0), (0, 1), (0, -1), (-1, 0))
"""Cosine and sine; unturned first."""


class Matched(NamedTuple):
    """For each triangle of the first mesh: its number in the second one, -1 without one, and for each of its corners
    that of the second one's."""

    partner: Ints
    corners: Ints


def match(first: Floats, second: Floats) -> Matched | None:
    """Match triangles (n, 3, 3) with triangles (m, 3, 3); None when they are not the same surface, cut the same way."""
    if not len(first) or not len(second) or abs(len(first) - len(second)) > MISSING * len(first) + 2:
        return None
    wanted, sides = _normalised(first)
    for cosine, sine in QUARTERS:
        turned = second if cosine == 1 else _turned(second, cosine, sine)
        given, found_sides = _normalised(turned)
        if np.abs(sides - found_sides).max() > 2 * TOLERANCE:
            continue
        matched = _match(wanted, given)
        if matched is not None:
            return matched
    return None


def _turned(triangles: Floats, cosine: int, sine: int) -> Floats:
    x, y = triangles[..., 0], triangles[..., 1]
    return np.stack([cosine * x - sine * y, sine * x + cosine * y, triangles[..., 2]], axis=-1)


def _normalised(triangles: Floats) -> tuple[Floats, Floats]:
    """Return the triangles about the middle of their bounds, the longest side being 1, and the three sides."""
    points = triangles.reshape(-1, 3)
    low = np.array([points[:, axis].min() for axis in range(3)])
    high = np.array([points[:, axis].max() for axis in range(3)])
    longest = float((high - low).max()) or 1.0
    middle = (low.astype(np.float64) + high) / 2
    return ((triangles - middle) / longest).astype(np.float32), ((high - low) / longest).astype(np.float32)


def _match(first: Floats, second: Floats) -> Matched | None:
    partner = np.full(len(first), -1, np.int64)
    corners = np.zeros((len(first), 3), np.int64)
    free = np.ones(len(second), bool)
    if len(first) == len(second) and _gap(first, second).max() <= _CLOSE:  # nothing was put in another order
        return Matched(np.arange(len(first)), np.zeros_like(corners) + _ORDERS[0])
    middles = _middles(first), _middles(second)
    for number, cell in enumerate(_CELLS):
        left, right = np.flatnonzero(partner < 0), np.flatnonzero(free)
        if not len(left) or not len(right):
            break
        offset = 0.25 + 0.5 * (number % 2)
        a, b = _pairs(_keys(middles[0][left], cell, offset), _keys(middles[1][right], cell, offset))
        a, b = left[a], right[b]
        order, distance = _orders(first, second, a, b)
        good = distance <= TOLERANCE
        a, b = a[good], b[good]
        partner[a], corners[a] = b, order[good]
        free[b] = False
        if number == 1 and (partner < 0).mean() > _GIVE_UP and not _is_coarse(middles, partner, free):
            return None
    _match_rest(first, second, partner, corners, free)
    missing = partner < 0
    if missing.mean() > MISSING and (missing & (_areas(first) > 1e-9)).mean() > MISSING:
        return None
    return Matched(partner, corners)


def _is_coarse(middles: tuple[Floats, Floats], partner: Ints, free: NDArray[np.bool_]) -> bool:
    """Whether corners may have moved by more than the finest cells, so that coarser ones are worth a try."""
    left, right = np.flatnonzero(partner < 0), middles[1][free]
    some = left[:: max(1, len(left) // 32)]
    gaps = [np.abs(right - middles[0][one]).max(axis=1).min() for one in some] if len(right) else []
    return bool(gaps) and float(np.median(gaps)) <= TOLERANCE


def _keys(points: Floats, cell: float, offset: float) -> Ints:
    places = np.floor((points.astype(np.float64) + 1.0) / cell + offset).astype(np.int64) % _SIDES
    return (places[:, 0] * _SIDES + places[:, 1]) * _SIDES + places[:, 2]


def _pairs(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """Return which numbers of the one have the same key as which of the other, where it is the only one in both."""
    keys, where = _only_ones(first)
    others, there = _only_ones(second)
    if not len(keys) or not len(others):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    place = np.minimum(np.searchsorted(others, keys), len(others) - 1)
    same = others[place] == keys
    return where[same], there[place[same]]


def _only_ones(keys: Ints) -> tuple[Ints, Ints]:
    """Return the keys that are there once, sorted, and where each is."""
    order = np.argsort(keys)
    ordered = keys[order]
    differs = np.concatenate([[True], ordered[1:] != ordered[:-1], [True]])
    once = differs[1:] & differs[:-1]
    return ordered[once], order[once]


def _orders(first: Floats, second: Floats, a: Ints, b: Ints) -> tuple[Ints, Floats]:
    """Return for each pair which corners of the second one lie at those of the first, and the largest gap."""
    orders = np.zeros((len(a), 3), np.int64) + _ORDERS[0]
    distances = np.empty(len(a), np.float32)
    for start in range(0, len(a), _CHUNK):
        part = slice(start, start + _CHUNK)
        one, other = first[a[part]], second[b[part]]
        distances[part] = _gap(one, other)
        rest = np.flatnonzero(distances[part] > _CLOSE)
        if not len(rest):
            continue
        one, other = one[rest], other[rest]
        gaps = np.array([_gap(one, other[:, order]) for order in _ORDERS])
        best = np.argmin(gaps, axis=0)
        orders[start + rest] = _ORDERS[best]
        distances[start + rest] = gaps[best, np.arange(len(best))]
    return orders, distances


def _gap(one: Floats, other: Floats) -> Floats:
    """Return how far the corners of each triangle are from those of the other, at most."""
    gaps = np.abs(one - other).reshape(-1, 9)
    found = gaps[:, 0].copy()
    for column in range(1, 9):  # several times as fast as a maximum along the short axis
        np.maximum(found, gaps[:, column], out=found)
    return found


def _middles(triangles: Floats) -> Floats:
    return (triangles[:, 0] + triangles[:, 1] + triangles[:, 2]) / np.float32(3.0)


def _match_rest(first: Floats, second: Floats, partner: Ints, corners: Ints, free: NDArray[np.bool_]) -> None:
    """Match those that lie in one place with others, such as the two sides of a sheet, and those between two cells."""
    left, right = np.flatnonzero(partner < 0), np.flatnonzero(free)
    if not len(left) or not len(right) or len(left) > _MOST_LEFT:
        return
    from mathutils.kdtree import KDTree

    tree: Any = KDTree(len(right))
    for number, middle in zip(right.tolist(), second[right].mean(axis=1).tolist(), strict=True):
        tree.insert(middle, number)
    tree.balance()
    for one, middle in zip(left.tolist(), first[left].mean(axis=1).tolist(), strict=True):
        near = [number for _, number, _ in tree.find_range(middle, 2 * TOLERANCE) if free[number]]
        if not near:
            continue
        candidates = np.array(near, np.int64)
        order, distance = _orders(first, second, np.full(len(near), one, np.int64), candidates)
        # Of the two sides of a sheet, the one whose corners go round in the same way.
        reversed_ = (order[:, 1] - order[:, 0]) % 3 == 2
        best = np.lexsort((distance, reversed_, distance > TOLERANCE))[0]
        if distance[best] <= TOLERANCE:
            partner[one], corners[one] = candidates[best], order[best]
            free[candidates[best]] = False


def _areas(triangles: Floats) -> Floats:
    across = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    return np.linalg.norm(across, axis=1) / 2
