# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces of a model as the nodes of a glTF file."""

from __future__ import annotations

import numpy as np

from ..models.glb import Node
from ..models.mesh import Mesh, smooth_normals
from .model import Piece


def nodes_of(pieces: list[Piece]) -> list[Node]:
    """Pieces of one name as one node."""
    groups: dict[str, list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(piece.name, []).append(piece)
    return [Node(name, tuple((_mesh(one), one.material) for one in group)) for name, group in groups.items()]


def _mesh(piece: Piece) -> Mesh:
    """With normals: the vertices and faces stay as they are and in their order."""
    uvs = piece.uvs if piece.uvs is not None else np.zeros((len(piece.positions), 2))
    normals = smooth_normals(piece.positions, piece.faces)
    normals[~normals.any(axis=1)] = (0, 1, 0)
    return Mesh(piece.positions, normals, uvs, piece.faces)
