# SPDX-License-Identifier: GPL-3.0-or-later
"""The points of meshes, and where objects are before any scene has evaluated them."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from mathutils import Matrix


def points_of(mesh: Any, matrix: Any) -> Any:
    """Return a mesh's vertices (n, 3) where a matrix moves them."""
    points = np.empty((len(mesh.vertices), 3), np.float32)
    mesh.vertices.foreach_get("co", points.ravel())
    return moved(points, matrix)


def moved(points: Any, matrix: Any) -> Any:
    """Return points (n, 3) where a matrix moves them."""
    turned = np.array(matrix, np.float64)
    return np.asarray(points) @ turned[:3, :3].T + turned[:3, 3]


def world_of(obj: bpy.types.Object) -> Matrix:
    """Return where an object is that no scene has evaluated yet."""
    matrix = obj.matrix_basis.copy()
    one = obj
    while one.parent is not None:
        matrix = one.parent.matrix_basis @ one.matrix_parent_inverse @ matrix
        one = one.parent
    return matrix
