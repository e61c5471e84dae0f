# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the look of an artist's object in a ``.blend``, ready to be put onto it.

Which corner has which texture coordinate takes long to find and is found by the converter. What the artist's Blender
does with it is to compare two numbers and to set arrays. A look is an empty mesh: its materials are the object's, its
custom properties hold the arrays.

Imports nothing of the extension but a neighbour: the converter writes looks, the delivery in the artist's Blender
reads them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from .arrays import to_array

PREFIX = "Tripo look "
"""How the meshes are called, with the number of their object behind."""
_TOPOLOGY, _UV_MAPS, _IN_PLACE, _FACES = "tripo_topology", "tripo_uv_maps", "tripo_in_place", "tripo_faces"
_CHUNK = 1 << 20

Floats = NDArray[np.float32]


class Look(NamedTuple):
    """What one object gets. ``uv_maps`` are by corner, flat, the one that is shown first; ``faces`` holds the number of
    each face's material, None when all have the first. ``in_place``: the object may have the first UV map already,
    by this name and with these values."""

    topology: str
    uv_maps: Mapping[str, Any]
    materials: Sequence[bpy.types.Material | None]
    faces: Any
    in_place: bool = False


def topology_of(mesh: bpy.types.Mesh) -> str:
    """Return what tells whether a mesh has the same corners and faces as another, in the same order; where its vertices
    are does not count."""
    vertices: Any = mesh.attributes.get(".corner_vert")
    values, name = (mesh.loops, "vertex_index") if vertices is None else (vertices.data, "value")
    corners = to_array(values, name, kind=np.int32)
    digest = hashlib.sha1(usedforsecurity=False)
    for start in range(0, len(corners), _CHUNK):
        digest.update(corners[start : start + _CHUNK].data)
    return f"{len(mesh.vertices)} {len(mesh.loops)} {len(mesh.polygons)} {digest.hexdigest()}"


def write(number: int, look: Look) -> bpy.types.Mesh:
    """Return a new mesh that holds the look of the object of this number."""
    mesh: Any = bpy.data.meshes.new(f"{PREFIX}{number}")
    mesh[_TOPOLOGY] = look.topology
    mesh[_UV_MAPS] = json.dumps(list(look.uv_maps))
    mesh[_IN_PLACE] = look.in_place
    for place, values in enumerate(look.uv_maps.values()):
        mesh[f"{_UV_MAPS}_{place}"] = np.ascontiguousarray(values, np.float32).ravel()
    if look.faces is not None:
        mesh[_FACES] = np.ascontiguousarray(look.faces, np.int32)
    for material in look.materials:
        mesh.materials.append(material)
    return mesh


def read(mesh: bpy.types.Mesh) -> Look:
    """Return the look that a mesh holds; its arrays are the mesh's own and go with it. Raises KeyError, ValueError."""
    names = json.loads(mesh[_UV_MAPS])
    uv_maps = {str(name): _array(mesh[f"{_UV_MAPS}_{place}"], np.float32) for place, name in enumerate(names)}
    faces = _array(mesh[_FACES], np.int32) if _FACES in mesh else None
    return Look(str(mesh[_TOPOLOGY]), uv_maps, list(mesh.materials), faces, bool(mesh[_IN_PLACE]))


def number_of(name: str) -> int:
    """Return the number of the object that a mesh of this name holds the look of, or -1."""
    number = name.removeprefix(PREFIX)
    return int(number) if name.startswith(PREFIX) and number.isdecimal() else -1


def _array(values: Any, kind: type) -> Any:
    """Return the numbers of a custom property, not copied."""
    try:
        return np.frombuffer(values, kind)
    except (TypeError, ValueError):
        return np.array(values[:], kind)
