# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces of a model as the nodes of a glTF file."""

from __future__ import annotations

import numpy as np

from ..models.glb import Node
from ..models.mesh import Mesh
from .model import Piece
from .rebuild import weld


def nodes_of(pieces: list[Piece]) -> list[Node]:
    """Pieces of one name as one node."""
    groups: dict[str, list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(piece.name, []).append(piece)
    return [Node(name, tuple((_mesh(one), one.material) for one in group)) for name, group in groups.items()]


def _mesh(piece: Piece) -> Mesh:
    """With normals: the vertices and faces stay as they are and in their order."""
    uvs = piece.uvs if piece.uvs is not None else np.zeros((len(piece.positions), 2))
    corners = piece.positions[piece.faces]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    place = weld(piece.positions)
    sums = np.zeros((int(place.max()) + 1, 3))
    for corner in range(3):
        np.add.at(sums, place[piece.faces[:, corner]], cross)
    sums[np.linalg.norm(sums, axis=1) < 1e-12] = (0, 1, 0)
    normals = (sums / np.linalg.norm(sums, axis=1, keepdims=True))[place]
    return Mesh(piece.positions, normals, uvs, piece.faces)
