# SPDX-License-Identifier: GPL-3.0-or-later
"""Triangle meshes and the few ways to make them that the shapes need.

Coordinates are glTF's: +Y up, counter-clockwise front faces. UVs are local to a surface, from 0 to 1, with v
upwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Faces = NDArray[np.int64]
Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Mesh:
    """positions (n, 3), normals (n, 3), uvs (n, 2), faces (m, 3)."""

    positions: Array
    normals: Array
    uvs: Array
    faces: Faces

    def move(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Mesh:
        return replace(self, positions=self.positions + np.array([x, y, z]))

    def transform(self, matrix: Array) -> Mesh:
        """Apply a 3x3 matrix to column vectors. Normals follow; a mirroring turns the faces."""
        normals = unit(self.normals @ np.linalg.inv(matrix))
        faces = self.faces[:, ::-1] if np.linalg.det(matrix) < 0 else self.faces
        return replace(self, positions=self.positions @ matrix.T, normals=normals, faces=faces)

    def scale(self, x: float, y: float | None = None, z: float | None = None) -> Mesh:
        return self.transform(np.diag([x, x if y is None else y, x if z is None else z]))

    def rotate(self, axis: str, degrees: float) -> Mesh:
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        rows = {
            "x": [[1, 0, 0], [0, c, -s], [0, s, c]],
            "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]],
            "z": [[c, -s, 0], [s, c, 0], [0, 0, 1]],
        }[axis]
        return self.transform(np.array(rows, float))

    def areas(self) -> Array:
        """The area of each triangle."""
        corners = self.positions[self.faces]
        return np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2

    def tangents(self) -> Array:
        """(n, 4): the direction of growing u across the surface, and the handedness of v, as glTF's TANGENT
        has them.
        """
        corners, uv = self.positions[self.faces], self.uvs[self.faces]
        edge1, edge2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        (u1, v1), (u2, v2) = (uv[:, 1] - uv[:, 0]).T, (uv[:, 2] - uv[:, 0]).T
        sign = np.where(u1 * v2 - u2 * v1 < 0, -1.0, 1.0)[:, None]
        along = (edge1 * v2[:, None] - edge2 * v1[:, None]) * sign
        across = (edge2 * u1[:, None] - edge1 * u2[:, None]) * sign
        sums = np.zeros((2, len(self.positions), 3))
        for corner in range(3):
            np.add.at(sums[0], self.faces[:, corner], along)
            np.add.at(sums[1], self.faces[:, corner], across)
        tangent = unit(sums[0] - self.normals * (sums[0] * self.normals).sum(axis=1, keepdims=True))
        lost = np.linalg.norm(tangent, axis=1) < 0.5
        axis = np.where(np.abs(self.normals[:, :1]) < 0.9, [[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]])
        tangent[lost] = unit(np.cross(self.normals, axis))[lost]
        hand = np.where((np.cross(self.normals, tangent) * sums[1]).sum(axis=1) < 0, -1.0, 1.0)
        return np.column_stack([tangent, hand])

    def map_uv(self, u: tuple[float, float] = (0, 1), v: tuple[float, float] = (0, 1)) -> Mesh:
        """Squeeze the UVs into a part of the surface."""
        low, high = np.array([u[0], v[0]]), np.array([u[1], v[1]])
        return replace(self, uvs=low + self.uvs * (high - low))

    def spin_uv(self) -> Mesh:
        """Swap u and v, to turn a pattern by a quarter."""
        return replace(self, uvs=self.uvs[:, ::-1].copy())


def unit(vectors: Array) -> Array:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-12)


def join(meshes: Sequence[Mesh]) -> Mesh:
    offsets = np.cumsum([0, *(len(mesh.positions) for mesh in meshes[:-1])])
    return Mesh(
        np.concatenate([mesh.positions for mesh in meshes]),
        np.concatenate([mesh.normals for mesh in meshes]),
        np.concatenate([mesh.uvs for mesh in meshes]),
        np.concatenate([mesh.faces + offset for mesh, offset in zip(meshes, offsets, strict=True)]),
    )


def weld(positions: Array) -> NDArray[np.int64]:
    """For each vertex the number of the place it is at."""
    cells = np.round(positions * 1e5).astype(np.int64)
    # Sums of large odd multiples, wrapping round: unlike exclusive or, they keep mirrored places apart.
    keys = cells[:, 0] * 0x1E3779B97F4A7C15 + cells[:, 1] * 0x3F58476D1CE4E5B9 + cells[:, 2] * 0x14D049BB133111EB
    return np.unique(keys, return_inverse=True)[1].reshape(-1)


def smooth_normals(positions: Array, faces: Faces) -> Array:
    """The normal of each vertex, weighted by area and the same across UV seams; zero for one without a surface."""
    corners = positions[faces]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    place = weld(positions)
    sums = np.zeros((place.max() + 1, 3))
    for corner in range(3):
        np.add.at(sums, place[faces[:, corner]], cross)
    return unit(sums)[place]


def shaded(positions: Array, uvs: Array, faces: Faces, smooth: bool = True) -> Mesh:
    """Finish a mesh: drop triangles without area, then smooth or flat normals."""
    corners = positions[faces]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    keep = np.linalg.norm(cross, axis=1) > 1e-10
    faces, cross = faces[keep], cross[keep]
    if not smooth:
        normals = np.repeat(unit(cross), 3, axis=0)
        flat = faces.reshape(-1)
        return Mesh(positions[flat], normals, uvs[flat], np.arange(len(flat)).reshape(-1, 3))
    used, numbers = np.unique(faces, return_inverse=True)
    return Mesh(positions[used], smooth_normals(positions, faces)[used], uvs[used], numbers.reshape(-1, 3))


def grid(points: Array, smooth: bool = True) -> Mesh:
    """A mesh over points (rows, columns, 3): u runs along a row, v up from row to row, by length."""
    rows, columns = points.shape[:2]
    u = np.linspace(0, 1, columns)
    steps = np.linalg.norm(np.diff(points, axis=0), axis=2).max(axis=1)
    v = np.concatenate([[0.0], np.cumsum(steps)])
    v = v / v[-1] if v[-1] > 0 else np.linspace(0, 1, rows)
    uvs = np.stack(np.broadcast_arrays(u[None, :], v[:, None]), axis=-1).reshape(-1, 2)
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    return shaded(points.reshape(-1, 3), uvs, faces, smooth)


def lathe(profile: Array, sides: int, smooth: bool = True, arc: float = 360.0) -> Mesh:
    """Turn a profile (n, 2) of (radius, height), from the bottom outside to the top, about the Y axis.

    It starts at +Z and goes by +X; `arc` is in degrees.
    """
    angle = np.linspace(0, math.radians(arc), sides + 1)
    ring = np.stack([np.sin(angle), np.zeros_like(angle), np.cos(angle)], -1)
    if arc == 360:
        ring[-1] = ring[0]
    points = profile[:, 0, None, None] * ring[None]
    points[:, :, 1] = profile[:, 1, None]
    return grid(points, smooth)


def rounded(points: Sequence[tuple[float, float]], radius: float, steps: int = 3, closed: bool = False) -> Array:
    """A polyline with its corners rounded: quadratic curves that start `radius` before the corner."""
    line = np.array(points, float)
    count = len(line)
    out: list[Array] = []
    for number in range(count):
        if not closed and number in (0, count - 1):
            out.append(line[number])
            continue
        before, here, after = line[number - 1], line[number], line[(number + 1) % count]
        back, forth = before - here, after - here
        la, lb = float(np.hypot(*back)), float(np.hypot(*forth))
        start = here + back / la * min(radius, la * 0.49)
        end = here + forth / lb * min(radius, lb * 0.49)
        for t in np.linspace(0, 1, steps + 1):
            out.append((1 - t) ** 2 * start + 2 * t * (1 - t) * here + t**2 * end)
    return np.array(out)


def curve(points: Sequence[Sequence[float] | Array], count: int) -> Array:
    """`count` points on a smooth (Catmull-Rom) curve through the given ones, in any dimension."""
    line = np.array(points, float)
    line = np.concatenate([2 * line[:1] - line[1:2], line, 2 * line[-1:] - line[-2:-1]])
    at = np.linspace(0, len(points) - 1, count)
    segment = np.minimum(at.astype(int), len(points) - 2)
    t = (at - segment)[:, None]
    a, b, c, d = (line[segment + shift] for shift in range(4))
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def tube(path: Array, radius: Array | float, sides: int, caps: bool = True, flat: float = 1.0) -> Mesh:
    """A round tube along a path (n, 3). `radius` may vary; `flat` squeezes the section across its side
    direction.
    """
    radii = np.broadcast_to(np.asarray(radius, float), (len(path),)).copy()
    tangents = unit(np.gradient(path, axis=0))
    helper = np.array([0.0, 0.0, 1.0]) if abs(tangents[0][2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    side = unit(np.cross(helper, tangents[0]))
    frames = np.empty((len(path), 2, 3))
    for number, tangent in enumerate(tangents):
        side = unit(side - tangent * (side @ tangent))
        frames[number] = side, np.cross(tangent, side)
    if caps:
        # A rounded end: two more, smaller rings and a point.
        ends = []
        for index, sign in ((0, -1.0), (-1, 1.0)):
            r = radii[index]
            ends.append([(path[index] + tangents[index] * sign * r * out, r * rim) for rim, out in _DOME])
        first, last = ends
        path = np.concatenate([[p for p, _ in reversed(first)], path, [p for p, _ in last]])
        radii = np.concatenate([[r for _, r in reversed(first)], radii, [r for _, r in last]])
        pad = len(_DOME)
        frames = np.concatenate([np.repeat(frames[:1], pad, 0), frames, np.repeat(frames[-1:], pad, 0)])
    angle = np.linspace(0, 2 * math.pi, sides + 1)
    across = (
        np.cos(angle)[None, :, None] * frames[:, None, 0] + np.sin(angle)[None, :, None] * flat * frames[:, None, 1]
    )
    points = path[:, None] + radii[:, None, None] * across
    points[:, -1] = points[:, 0]
    return grid(points)


_DOME = ((0.85, 0.28), (0.5, 0.5), (0.0, 0.6))


def box(width: float, height: float, depth: float, bevel: float = 0.02, steps: int = 2, cuts: int = 1) -> Mesh:
    """A box about the origin with rounded edges; each of its six faces has the whole UV square."""
    half = np.array([width, height, depth]) / 2
    bevel = min(bevel, *(half * 0.999))
    inner = half - bevel
    turn = np.tan(np.linspace(math.pi / 4, 0, steps + 1))
    sign = np.concatenate([-np.ones(steps + 1), np.linspace(-1, 1, cuts + 1)[1:-1], np.ones(steps + 1)])
    lean = np.concatenate([-turn, np.zeros(cuts - 1), turn[::-1]])
    meshes: list[Mesh] = []
    for axis, u_axis, v_axis, way in (
        (0, 2, 1, 1),
        (0, 2, 1, -1),
        (1, 0, 2, 1),
        (1, 0, 2, -1),
        (2, 0, 1, 1),
        (2, 0, 1, -1),
    ):
        count = len(sign)
        direction = np.zeros((count, count, 3))
        base = np.zeros((count, count, 3))
        direction[..., axis] = way
        base[..., axis] = way * inner[axis]
        mirror = -way if axis in (0, 1) else way
        direction[..., u_axis] = lean[None, :] * mirror
        base[..., u_axis] = sign[None, :] * inner[u_axis] * mirror
        direction[..., v_axis] = lean[:, None]
        base[..., v_axis] = sign[:, None] * inner[v_axis]
        normals = unit(direction)
        points = base + bevel * normals
        mesh = grid(points)
        flat = normals.reshape(-1, 3)
        spread = np.stack([points[..., u_axis] / half[u_axis] * mirror, points[..., v_axis] / half[v_axis]], -1)
        meshes.append(
            replace(mesh, normals=flat, uvs=spread.reshape(-1, 2) / 2 + 0.5)
            if len(flat) == len(mesh.positions)
            else mesh
        )
    return join(meshes)


def extrude(outline: Array, depth: float, bevel: float = 0.01, center: tuple[float, float] | None = None) -> Mesh:
    """A star-shaped, counter-clockwise outline (n, 2) in XY, `depth` thick along Z, with bevelled rims."""
    count = len(outline)
    middle = np.array(center if center is not None else outline.mean(axis=0))
    edges = np.roll(outline, -1, axis=0) - outline
    outward = unit(np.stack([edges[:, 1], -edges[:, 0]], -1))
    miter = outward + np.roll(outward, 1, axis=0)
    miter /= np.maximum(0.35, (miter * outward).sum(axis=1, keepdims=True))
    inset = outline - miter * bevel
    half = depth / 2
    rings = [(inset, -half), (outline, bevel - half), (outline, half - bevel), (inset, half)]
    low, high = outline.min(axis=0), outline.max(axis=0)
    closed = np.arange(count + 1) % count
    points = np.array([np.column_stack([ring[closed], np.full(count + 1, z)]) for ring, z in rings])
    meshes = [grid(points)]
    for ring, z, way in ((inset, half, 1), (inset, -half, -1)):
        positions = np.column_stack([np.vstack([ring, middle]), np.full(count + 1, z)])
        uvs = (positions[:, :2] - low) / (high - low)
        here = np.arange(count)
        fan = np.column_stack([here, (here + 1) % count, np.full(count, count)])
        meshes.append(shaded(positions, uvs, fan if way > 0 else fan[:, ::-1]))
    side = meshes[0]
    uvs = (side.positions[:, :2] - low) / (high - low)
    meshes[0] = replace(side, uvs=np.clip(uvs, 0, 1))
    return join(meshes)


def blob(radius: float, cuts: int, rng: np.random.Generator, bumps: float = 0.15, waves: int = 6) -> Mesh:
    """A ball with soft bumps: foliage, stones, clouds. Made from a cube, so there are no poles."""
    side = np.tan(np.linspace(-math.pi / 4, math.pi / 4, cuts + 1))
    directions, phases = rng.normal(size=(waves, 3)) * 3.2, rng.uniform(0, 6.3, waves)
    u, v = np.meshgrid(side, side)
    w = np.ones_like(u)
    meshes: list[Mesh] = []
    for cube in ((w, v, -u), (-w, v, u), (u, w, -v), (u, -w, v), (u, v, w), (-u, v, -w)):
        points = unit(np.stack(cube, -1))
        swell = np.sin(points @ directions.T + phases).sum(axis=-1) / math.sqrt(waves)
        meshes.append(grid(points * (radius * (1 + bumps * swell))[..., None]))
    whole = join(meshes)
    return shaded(whole.positions, whole.uvs, whole.faces)


def ball(radius: float, sides: int) -> Mesh:
    rings = max(3, sides // 2)
    angle = np.linspace(-math.pi / 2, math.pi / 2, rings + 1)
    profile = np.stack([np.cos(angle), np.sin(angle)], -1) * radius
    profile[[0, -1], 0] = 0
    return lathe(profile, sides)


def cluster(mesh: Mesh, cells: int) -> Mesh:
    """Fewer triangles by melting together all vertices in one cell of a coarse grid."""
    low, high = mesh.positions.min(axis=0), mesh.positions.max(axis=0)
    size = float((high - low).max()) / cells
    number = np.floor((mesh.positions - low) / size + 0.5).astype(np.int64)
    key = (number[:, 0] * 4096 + number[:, 1]) * 4096 + number[:, 2]
    _, first, where = np.unique(key, return_index=True, return_inverse=True)
    where = where.reshape(-1)
    faces = where[mesh.faces]
    apart = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    faces = faces[apart]
    _, once = np.unique(np.sort(faces, axis=1), axis=0, return_index=True)
    if not len(once):
        return Mesh(mesh.positions[:0], mesh.normals[:0], mesh.uvs[:0], faces[:0])
    return shaded(mesh.positions[first], mesh.uvs[first], faces[np.sort(once)], smooth=False)
