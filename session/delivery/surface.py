# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the triangles of objects in world space, and which corners and faces of their meshes they are of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import bpy
import numpy as np
from mathutils import Matrix

from .originals import points_of
from .triangles import Floats, Ints


class Span(NamedTuple):
    """One object's share of a surface."""

    obj: bpy.types.Object
    first_corner: int
    corners: int
    first_face: int
    faces: int


class Surface(NamedTuple):
    """Triangles of objects: corners in world space (n, 3, 3), and the numbers of the mesh corners (n, 3) and faces (n)
    counted over all objects."""

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


def read(objects: Iterable[tuple[bpy.types.Object, Any, Matrix]]) -> Surface:
    """Return the surface of meshes: each with the object that it counts for and its matrix in world space."""
    triangles: list[Any] = [np.empty((0, 3, 3), np.float64)]
    corners: list[Any] = [np.empty((0, 3), np.int64)]
    faces: list[Any] = [np.empty(0, np.int64)]
    spans: list[Span] = []
    corner, face = 0, 0
    for obj, mesh, world in objects:
        matrix = np.array(world, np.float64)
        points = points_of(mesh) @ matrix[:3, :3].T + matrix[:3, 3]
        mesh.calc_loop_triangles()
        count = len(mesh.loop_triangles)
        of_vertices, of_corners, of_faces = (np.empty(size, np.int32) for size in (3 * count, 3 * count, count))
        mesh.loop_triangles.foreach_get("vertices", of_vertices)
        mesh.loop_triangles.foreach_get("loops", of_corners)
        mesh.loop_triangles.foreach_get("polygon_index", of_faces)
        triangles.append(points[of_vertices.reshape(-1, 3)])
        corners.append(of_corners.reshape(-1, 3).astype(np.int64) + corner)
        faces.append(of_faces.astype(np.int64) + face)
        spans.append(Span(obj, corner, len(mesh.loops), face, len(mesh.polygons)))
        corner, face = corner + len(mesh.loops), face + len(mesh.polygons)
    return Surface(np.concatenate(triangles), np.concatenate(corners), np.concatenate(faces), tuple(spans))


def world_of(obj: bpy.types.Object) -> Matrix:
    """Return where an object is that no scene has evaluated yet."""
    matrix = obj.matrix_basis.copy()
    one = obj
    while one.parent is not None:
        matrix = one.parent.matrix_basis @ one.matrix_parent_inverse @ matrix
        one = one.parent
    return matrix


def has_base_topology(mesh: bpy.types.Mesh, base: bpy.types.Mesh) -> bool:
    """Whether a mesh after modifiers has the corners and faces of the one before, in the same order."""
    if (len(mesh.loops), len(mesh.polygons)) != (len(base.loops), len(base.polygons)):
        return False
    return np.array_equal(_corner_vertices(mesh), _corner_vertices(base))


def _corner_vertices(mesh: bpy.types.Mesh) -> Any:
    found = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", found)
    return found
