# SPDX-License-Identifier: GPL-3.0-or-later
"""Boxes, rotations and points as plain tuples."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import NamedTuple, cast

Vector = tuple[float, float, float]
Rows = tuple[Vector, Vector, Vector]
"""A rotation, row by row."""

UNTURNED: Rows = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
NOWHERE: Vector = (0.0, 0.0, 0.0)
_SAME = 1e-6
"""How much sizes and directions may differ that count as the same."""
_QUARTERS: Mapping[int, tuple[float, float]] = {0: (1.0, 0.0), 90: (0.0, 1.0), 180: (-1.0, 0.0), 270: (0.0, -1.0)}
"""Cosine and sine, exact."""


class Box(NamedTuple):
    """An axis-aligned box by its lowest and highest corner."""

    low: Vector
    high: Vector

    @property
    def size(self) -> Vector:
        """The lengths of its sides."""
        return vector(high - low for low, high in zip(self.low, self.high, strict=True))

    @property
    def centre(self) -> Vector:
        """The middle."""
        return vector((low + high) / 2 for low, high in zip(self.low, self.high, strict=True))

    @property
    def corners(self) -> tuple[Vector, ...]:
        """The eight corners."""
        return tuple(product(*zip(self.low, self.high, strict=True)))  # type: ignore[return-value]


class Transform(NamedTuple):
    """What moves a model to its place: first scaled, then turned, then moved."""

    scale: float
    rotation: Rows
    location: Vector

    def apply(self, point: Vector) -> Vector:
        """Return where a point of the model ends up."""
        turned = turn(self.rotation, vector(one * self.scale for one in point))
        return add(turned, self.location)

    @property
    def is_identity(self) -> bool:
        """Whether it leaves everything where it is."""
        return self == (1.0, UNTURNED, NOWHERE)

    @property
    def only_moves(self) -> bool:
        """Whether it neither scales nor turns."""
        return self.scale == 1.0 and self.rotation == UNTURNED


def rotation_about_z(degrees: int) -> Rows:
    """Return a rotation by a multiple of 90 degrees below 360."""
    cosine, sine = _QUARTERS[degrees]
    return ((cosine, -sine, 0.0), (sine, cosine, 0.0), (0.0, 0.0, 1.0))


def rotation_to(normal: Vector) -> Rows:
    """Return the shortest rotation that turns the up axis to a direction."""
    axis = _unit(normal)
    if axis is None:
        return UNTURNED
    x, y, z = axis
    if z < -0.999999:  # upside down: any half turn about a level axis
        return ((1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0))
    k = 1.0 / (1.0 + z)
    return ((1.0 - x * x * k, -x * y * k, x), (-x * y * k, 1.0 - y * y * k, y), (-x, -y, z))


def rotation_in(columns: Sequence[Vector], front: int = 1) -> Rows:
    """Return the rotation in a matrix that also scales, shears or mirrors.

    Its Z axis is kept, then the axis of number ``front``, 0 or 1: of a mirrored matrix the third one is turned over.
    """
    z = _unit(columns[2]) or _unit(_cross(columns[0], columns[1])) or (0.0, 0.0, 1.0)
    if front == 0:
        y = _unit(_cross(z, columns[0])) or _unit(_cross(z, (1.0, 0.0, 0.0))) or (0.0, 1.0, 0.0)
        x = _cross(y, z)
    else:
        x = _unit(_cross(columns[1], z)) or _unit(_cross((0.0, 1.0, 0.0), z)) or (1.0, 0.0, 0.0)
        y = _cross(z, x)
    return cast(Rows, tuple(zip(x, y, z, strict=True)))


def add(a: Vector, b: Vector) -> Vector:
    """Return the sum of two points."""
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def turn(rotation: Rows, point: Vector) -> Vector:
    """Return a point turned about the origin."""
    return vector(sum(a * b for a, b in zip(row, point, strict=True)) for row in rotation)


def times(left: Rows, right: Rows) -> Rows:
    """Return the rotation that is ``right`` first, then ``left``."""
    columns = [vector(row[number] for row in right) for number in range(3)]
    return cast(Rows, tuple(vector(_dot(row, column) for column in columns) for row in left))


def between(here: Transform, there: Transform) -> Transform:
    """Return what moves a model on from one place to another.

    Places that were read off matrices differ in the last digits of their sizes and directions: that is no difference.
    """
    columns = [vector(row[number] for row in here.rotation) for number in range(3)]
    scale, rotation = there.scale / here.scale, times(there.rotation, cast(Rows, tuple(columns)))
    if abs(scale - 1.0) < _SAME:
        scale = 1.0
    if all(
        abs(a - b) < _SAME for row, same in zip(rotation, UNTURNED, strict=True) for a, b in zip(row, same, strict=True)
    ):
        rotation = UNTURNED
    before = turn(rotation, vector(-one * scale for one in here.location))
    return Transform(scale, rotation, add(there.location, before))


def box_around(points: Iterable[Vector]) -> Box:
    """Return the smallest box that holds all points, of which there is at least one."""
    columns = tuple(zip(*points, strict=True))
    return Box(vector(map(min, columns)), vector(map(max, columns)))


def read_box(text: str) -> Box | None:
    """Return the box that six numbers, as JSON, stand for; None when there is none."""
    try:
        numbers = [float(one) for one in cast(list[float], json.loads(text))] if text else []
    except (ValueError, TypeError):
        return None
    return Box(vector(numbers[:3]), vector(numbers[3:])) if len(numbers) == 6 else None


def vector(numbers: Iterable[float]) -> Vector:
    """Return three numbers as a point."""
    x, y, z = numbers
    return (x, y, z)


def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _unit(point: Vector) -> Vector | None:
    length = math.sqrt(_dot(point, point))
    return vector(one / length for one in point) if length > 1e-12 else None


def _cross(a: Vector, b: Vector) -> Vector:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def fit(box: Box, into: Box) -> Transform:
    """Return what moves a box into another: turned by the quarter about Z that suits its sides best, as it is rather
    than turned; as long as that on its longest side; about the same middle."""
    found: list[tuple[float, int, Transform]] = []
    for number, degrees in enumerate((0, 90)):
        rotation = rotation_about_z(degrees)
        sides = box_around(turn(rotation, corner) for corner in box.corners).size
        scale = max(into.size) / max(sides) if max(sides) > 0.0 and max(into.size) > 0.0 else 1.0
        gap = max(abs(have - need * scale) for have, need in zip(into.size, sides, strict=True))
        middle = turn(rotation, vector(one * scale for one in box.centre))
        location = add(into.centre, vector(-one for one in middle))
        found.append((round(gap / (max(into.size) or 1.0), 3), number, Transform(scale, rotation, location)))
    return min(found)[2]
