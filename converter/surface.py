# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the triangles of meshes in world space, and which corners and faces of the meshes they are of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import bpy
import numpy as np
from mathutils import Matrix

from converter.arrays import to_array
from converter.triangles import Floats, Ints


class Span(NamedTuple):
    """One mesh's share of a surface."""

    first_corner: int
    corners: int
    first_face: int
    faces: int

    def corners_of(self, values: Any) -> Any:
        """Return what belongs to this mesh of values by corner."""
        return values[self.first_corner : self.first_corner + self.corners]

    def faces_of(self, values: Any) -> Any:
        """Return what belongs to this mesh of values by face."""
        return values[self.first_face : self.first_face + self.faces]


class Surface(NamedTuple):
    """Triangles of meshes: corners in world space (n, 3, 3), and the numbers of the mesh corners (n, 3) and faces (n)
    counted over all meshes."""

    triangles: Floats
    corners: Ints
    faces: Ints
    spans: tuple[Span, ...]

    @property
    def corner_count(self) -> int:
        """Corners of all meshes."""
        return sum(span.corners for span in self.spans)

    @property
    def face_count(self) -> int:
        """Faces of all meshes."""
        return sum(span.faces for span in self.spans)


def read(meshes: Iterable[tuple[Any, Matrix]]) -> Surface:
    """Return the surface of meshes, each with its matrix in world space."""
    triangles: list[Any] = [np.empty((0, 3, 3), np.float64)]
    corners: list[Any] = [np.empty((0, 3), np.int64)]
    faces: list[Any] = [np.empty(0, np.int64)]
    spans: list[Span] = []
    corner, face = 0, 0
    for mesh, world in meshes:
        points = points_of(mesh, world)
        mesh.calc_loop_triangles()
        triangles.append(points[to_array(mesh.loop_triangles, "vertices", 3, np.int32)])
        corners.append(to_array(mesh.loop_triangles, "loops", 3, np.int32).astype(np.int64) + corner)
        faces.append(to_array(mesh.loop_triangles, "polygon_index", kind=np.int32).astype(np.int64) + face)
        spans.append(Span(corner, len(mesh.loops), face, len(mesh.polygons)))
        corner, face = corner + len(mesh.loops), face + len(mesh.polygons)
    return Surface(np.concatenate(triangles), np.concatenate(corners), np.concatenate(faces), tuple(spans))


def points_of(mesh: bpy.types.Mesh, world: Matrix) -> Any:
    """Return a mesh's vertices (n, 3) in world space."""
    points = to_array(mesh.vertices, "co", 3)
    matrix = np.array(world, np.float64)
    return points @ matrix[:3, :3].T + matrix[:3, 3]
