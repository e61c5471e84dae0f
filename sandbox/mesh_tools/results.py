# SPDX-License-Identifier: GPL-3.0-or-later
"""What each mesh tool answers with."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..models.atlas import build_atlas
from ..models.build import Recipe, surfaces_for
from ..models.glb import Material, encode_glb
from ..models.mesh import weld
from . import files
from .model import Floats, Ints, Look, Model, Piece
from .nodes import nodes_of
from .rebuild import clustered, quads, subdivided

NEW_TOPOLOGY = "[new topology]"
"""In a prompt: answer with another mesh."""
_MOST_PARTS = 12
_TINTS = ((0.7, 0.3, 0.25), (0.3, 0.55, 0.35), (0.25, 0.4, 0.7), (0.75, 0.65, 0.3), (0.5, 0.3, 0.6), (0.6, 0.6, 0.6))
_TURNS = {"+x": 0, "-x": 180, "+y": 90, "-y": 270}


def keeps_topology(words: str, topology: str, *, is_plain: bool) -> bool:
    """Whether a textured model has the mesh that was sent: by the words or the setting ``topology``, else where answers
    are plain; where they vary, half of them."""
    if NEW_TOPOLOGY in words.lower() or topology == "new":
        return False
    return topology == "same" or is_plain or random.Random(words).random() < 0.5


def texture(model: Model, values: Mapping[str, Any], words: str, *, same_topology: bool) -> bytes:
    """A GLB of the same meshes in the colours of the words; or of finer ones, as a service answers that rebuilds a
    mesh before it paints it."""
    seed = int.from_bytes(hashlib.sha256(f"{words}#{values.get('texture_seed', 0)}".encode()).digest()[:4], "big")
    first = dict([next(iter(surfaces_for(Recipe(words=words, variation=words)).items()))])
    size = 1024 if values["texture_quality"] == "detailed" else 512
    atlas = build_atlas(first, size, seed, values["pbr"])
    pieces = model.pieces if same_topology else [subdivided(piece) for piece in model.pieces]
    nodes = nodes_of([replace(one, uvs=_uvs(one), material=0) for one in pieces])
    return encode_glb(nodes, [atlas.material("tripo_material")], with_uv=True)


def segment(model: Model) -> bytes:
    """A GLB with a node for each part, in the same place: what hangs together, or, of one that is all in one piece,
    slices from bottom to top."""
    positions = np.concatenate([piece.positions for piece in model.pieces])
    offsets = np.cumsum([0, *(len(piece.positions) for piece in model.pieces[:-1])])
    faces = np.concatenate([one.faces + start for one, start in zip(model.pieces, offsets, strict=True)])
    labels = _components(positions, faces)
    if labels.max() == 0:
        heights = positions[faces][:, :, 1].mean(axis=1)
        edges = np.linspace(heights.min(), heights.max(), 4)[1:-1]
        labels = np.unique(np.digitize(heights, edges), return_inverse=True)[1]
    pieces: list[Piece] = []
    for number in range(int(labels.max()) + 1):
        used, corners = np.unique(faces[labels == number], return_inverse=True)
        pieces.append(Piece(f"part_{number:02}", positions[used], corners.reshape(-1, 3), None, number % len(_TINTS)))
    materials = [Material(f"part_color_{number}", tint, 0.0, 0.7) for number, tint in enumerate(_TINTS)]
    return encode_glb(nodes_of(pieces), materials[: len(pieces)], with_uv=False)


def _components(positions: Floats, faces: Ints) -> Ints:
    """For each face the number of the component that it belongs to, the largest first; small ones of many are one."""
    place = weld(positions)
    root = np.arange(int(place.max()) + 1)
    ends = place[faces]
    while True:  # every vertex takes the lowest number among its neighbours, until nothing changes
        lowest = root[ends].min(axis=1)
        before = root.copy()
        for corner in range(3):
            np.minimum.at(root, ends[:, corner], lowest)
        root = root[root]
        if np.array_equal(root, before):
            break
    found, labels, counts = np.unique(root[ends[:, 0]], return_inverse=True, return_counts=True)
    order = np.empty(len(found), np.int64)
    order[np.argsort(-counts, kind="stable")] = np.arange(len(found))
    return np.minimum(order[labels.reshape(-1)], _MOST_PARTS - 1)


def convert(model: Model, values: Mapping[str, Any]) -> bytes:
    """The model in the format asked for (see `files.NAMES`), rebuilt as asked for."""
    wanted = values["format"]
    pieces = model.pieces
    limit = values.get("face_limit", 10_000 if values["quad"] else None)
    has_quads = values["quad"] and wanted in ("FBX", "OBJ")
    if values["quad"]:
        pieces = [piece for piece in _limited(pieces, limit // 3 if limit else None) if len(piece.faces)]
        pieces = [quads(piece) for piece in pieces]
        if not has_quads:
            pieces = [replace(one, faces=one.faces[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)) for one in pieces]
    elif limit is not None:
        pieces = _limited(pieces, limit)
    pieces = _moved(pieces, values)
    looks = model.looks or [Look("Material")]
    pieces = [replace(one, material=min(max(one.material, 0), len(looks) - 1)) for one in pieces]
    return files.write(Model(pieces, looks), wanted)


def _limited(pieces: list[Piece], limit: int | None) -> list[Piece]:
    """At most so many triangles, if that can be."""
    count = sum(len(piece.faces) for piece in pieces)
    if limit is None or count <= limit:
        return pieces
    for cells in (96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2):
        fewer = [clustered(piece, cells) for piece in pieces]
        if sum(len(piece.faces) for piece in fewer) <= limit:
            kept = [piece for piece in fewer if len(piece.faces)]
            return kept or [replace(pieces[0], faces=pieces[0].faces[:1])]
    return [replace(pieces[0], faces=pieces[0].faces[:1])]


def _moved(pieces: list[Piece], values: Mapping[str, Any]) -> list[Piece]:
    whole = np.concatenate([piece.positions for piece in pieces])
    low, high = whole.min(axis=0), whole.max(axis=0)
    floor = low[1] + (high[1] - low[1]) * values.get("flatten_bottom_threshold", 0.01)
    angle = math.radians(_TURNS[values.get("export_orientation", "+x")])
    turn = np.array([[math.cos(angle), 0, math.sin(angle)], [0, 1, 0], [-math.sin(angle), 0, math.cos(angle)]])
    origin = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    made: list[Piece] = []
    for piece in pieces:
        positions = piece.positions.copy()
        if values["flatten_bottom"]:
            positions[:, 1] = np.maximum(positions[:, 1], floor)
        if values["pivot_to_center_bottom"]:
            positions -= origin
        made.append(replace(piece, positions=positions @ turn.T * values.get("scale_factor", 1.0)))
    return made


def _uvs(piece: Piece) -> Floats:
    """The texture coordinates of a piece, or a projection from the front for one that has none."""
    if piece.uvs is not None:
        return piece.uvs
    low, high = piece.positions.min(axis=0), piece.positions.max(axis=0)
    inside = (piece.positions - low) / np.maximum(high - low, 1e-9)
    return np.column_stack([inside[:, 0] * 0.5 + inside[:, 2] * 0.5, 1 - inside[:, 1]])
