# SPDX-License-Identifier: GPL-3.0-or-later
"""Other faces for the same surface: finer, fewer, or four-sided."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .model import Floats, Ints, Piece


def _edges(piece: Piece) -> tuple[Ints, Floats, Floats | None]:
    """The three edges of each face as numbers of new vertices, which stand at their middles, behind the others."""
    faces = piece.faces
    pairs = np.sort(np.stack([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]], axis=1).reshape(-1, 2), axis=1)
    edges, numbers = np.unique(pairs, axis=0, return_inverse=True)
    middles = piece.positions[edges].mean(axis=1)
    uvs = None if piece.uvs is None else piece.uvs[edges].mean(axis=1)
    return numbers.reshape(-1, 3) + len(piece.positions), middles, uvs


def subdivided(piece: Piece) -> Piece:
    """Four triangles for each one."""
    (a, b, c), (edges, middles, uvs) = piece.faces.T, _edges(piece)
    ab, bc, ca = edges.T
    faces = np.stack([a, ab, ca, ab, b, bc, ca, bc, c, ab, bc, ca], axis=1).reshape(-1, 3)
    return _grown(piece, faces, [middles], [uvs])


def quads(piece: Piece) -> Piece:
    """Three quads for each triangle."""
    (a, b, c), (edges, middles, uvs) = piece.faces.T, _edges(piece)
    ab, bc, ca = edges.T
    centre = np.arange(len(piece.faces)) + len(piece.positions) + len(middles)
    faces = np.stack([a, ab, centre, ca, b, bc, centre, ab, c, ca, centre, bc], axis=1).reshape(-1, 4)
    inner = None if piece.uvs is None else piece.uvs[piece.faces].mean(axis=1)
    return _grown(piece, faces, [middles, piece.positions[piece.faces].mean(axis=1)], [uvs, inner])


def _grown(piece: Piece, faces: Ints, positions: list[Floats], uvs: list[Floats | None]) -> Piece:
    more = [one for one in uvs if one is not None]
    return replace(
        piece,
        positions=np.concatenate([piece.positions, *positions]),
        faces=faces,
        uvs=None if piece.uvs is None else np.concatenate([piece.uvs, *more]),
    )


def clustered(piece: Piece, cells: int) -> Piece:
    """Fewer triangles: vertices in one cell of a grid melt together."""
    low, high = piece.positions.min(axis=0), piece.positions.max(axis=0)
    size = max(float((high - low).max()), 1e-9) / cells
    cell = np.floor((piece.positions - low) / size).astype(np.int64)
    _, first, number = np.unique(cell, axis=0, return_index=True, return_inverse=True)
    number = number.reshape(-1)
    counts = np.bincount(number)[:, None]
    positions = np.zeros((len(first), 3))
    np.add.at(positions, number, piece.positions)
    faces = number[piece.faces]
    keep = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    used, corners = np.unique(faces[keep], return_inverse=True)
    uvs = None if piece.uvs is None else piece.uvs[first][used]
    return replace(piece, positions=(positions / counts)[used], faces=corners.reshape(-1, 3), uvs=uvs)
