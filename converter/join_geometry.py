# SPDX-License-Identifier: GPL-3.0-or-later
"""Join meshes as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from .arrays import to_array

_Array = NDArray[Any]

_VALUES: dict[str, tuple[str, int, type]] = {
    "FLOAT": ("value", 1, np.float32),
    "INT": ("value", 1, np.int32),
    "INT8": ("value", 1, np.int32),
    "BOOLEAN": ("value", 1, np.bool_),
    "FLOAT_VECTOR": ("vector", 3, np.float32),
    "FLOAT2": ("vector", 2, np.float32),
    "FLOAT_COLOR": ("color", 4, np.float32),
    "BYTE_COLOR": ("color_srgb", 4, np.float32),
    "INT16_2D": ("value", 2, np.int32),
    "INT32_2D": ("value", 2, np.int32),
    "QUATERNION": ("value", 4, np.float32),
    "FLOAT4X4": ("value", 16, np.float32),
}
"""Kinds of attributes: the name of their values, how many each has, and their type in an array."""
_GEOMETRY = {"position", ".edge_verts", ".corner_vert", ".corner_edge", "material_index", "custom_normal"}
"""Attributes that are read and written in a way of their own."""
_MAY_LACK = {"sharp_edge", "sharp_face", ".uv_seam", "uv_seam"}
"""A mesh without these says that they are nowhere set."""
_DOMAINS = {"POINT", "EDGE", "FACE", "CORNER"}


class Layer(NamedTuple):
    """An attribute of a mesh."""

    name: str
    domain: str
    kind: str


class Layout(NamedTuple):
    """What meshes must have in common to become one: attributes, and which of them are used."""

    layers: frozenset[Layer]
    uv_map: str
    color: str


def layout_of(mesh: bpy.types.Mesh) -> Layout | None:
    """Return a mesh's layout; None if it is more than a surface: with shape keys, animation or add-ons' data."""
    it: Any = mesh
    if (
        it.shape_keys is not None
        or it.animation_data is not None
        or it.library is not None
        or it.asset_data is not None
    ):
        return None
    layers = [Layer(one.name, one.domain, one.data_type) for one in it.attributes if _is_own(one)]
    if any(one.kind not in _VALUES or one.domain not in _DOMAINS for one in layers):
        return None
    if any(one.is_runtime and it.is_property_set(one.identifier) for one in it.bl_rna.properties):
        return None
    shown = next((one.name for one in it.uv_layers if one.active_render), "")
    color = next((one.name for one in it.color_attributes if one.name == it.attributes.default_color_name), "")
    return Layout(frozenset(one for one in layers if one.name not in _MAY_LACK), shown, color)


def _is_own(attribute: Any) -> bool:
    name: str = attribute.name
    return name in _MAY_LACK or not (name in _GEOMETRY or name.startswith("."))


class Source:
    """A mesh as arrays."""

    def __init__(self, mesh: bpy.types.Mesh) -> None:
        it: Any = mesh
        self._mesh = it
        self.points = to_array(it.vertices, "co", 3, np.float32)
        self.edges = to_array(it.edges, "vertices", 2, np.int32)
        self.corners = to_array(it.loops, "vertex_index", 1, np.int32)
        self.corner_edges = to_array(it.loops, "edge_index", 1, np.int32)
        self.starts = to_array(it.polygons, "loop_start", 1, np.int32)
        self.slots = to_array(it.polygons, "material_index", 1, np.int32)
        self.materials: list[bpy.types.Material | None] = list(it.materials) or [None]
        self.layers: dict[Layer, _Array] = {}
        for one in it.attributes:
            if _is_own(one):
                self.layers[Layer(one.name, one.domain, one.data_type)] = to_array(one.data, *_VALUES[one.data_type])
        self.has_normals: bool = it.has_custom_normals
        self.layout = layout_of(mesh)
        self.sizes = {
            "POINT": len(self.points),
            "EDGE": len(self.edges),
            "FACE": len(self.starts),
            "CORNER": len(self.corners),
        }

    @cached_property
    def normals(self) -> _Array:
        """The normal of each corner as it is shown, (n, 3)."""
        return to_array(self._mesh.corner_normals, "vector", 3, np.float32)

    def turned(self) -> tuple[_Array, _Array]:
        """Return the corners of all faces the other way round, the first of each in its place, and their edges."""
        ends = np.append(self.starts[1:], np.int32(len(self.corners)))
        sizes = ends - self.starts
        first = np.repeat(self.starts, sizes)
        size = np.repeat(sizes, sizes)
        step = np.arange(len(self.corners), dtype=np.int32) - first
        return first + (size - step) % size, first + size - 1 - step


class Part(NamedTuple):
    """A mesh and where it goes."""

    source: Source
    matrix: Matrix


@dataclass
class Geometry:
    """A mesh to be written, as arrays."""

    points: _Array
    edges: _Array
    corners: _Array
    corner_edges: _Array
    starts: _Array
    slots: _Array
    materials: list[bpy.types.Material | None]
    layout: Layout
    layers: dict[Layer, _Array] = field(default_factory=dict)
    normals: _Array | None = None

    def write(self, name: str) -> bpy.types.Mesh:
        """Make a mesh of it."""
        mesh: Any = bpy.data.meshes.new(name)
        mesh.vertices.add(len(self.points))
        mesh.vertices.foreach_set("co", self.points.ravel())
        mesh.edges.add(len(self.edges))
        mesh.edges.foreach_set("vertices", self.edges.ravel())
        mesh.loops.add(len(self.corners))
        mesh.loops.foreach_set("vertex_index", self.corners)
        mesh.loops.foreach_set("edge_index", self.corner_edges)
        mesh.polygons.add(len(self.starts))
        mesh.polygons.foreach_set("loop_start", self.starts)
        if self.materials != [None]:
            for material in self.materials:
                mesh.materials.append(material)
            mesh.polygons.foreach_set("material_index", self.slots)
        mesh.update()
        for layer, values in self.layers.items():
            attribute = mesh.attributes.get(layer.name) or mesh.attributes.new(layer.name, layer.kind, layer.domain)
            attribute.data.foreach_set(_VALUES[layer.kind][0], values.ravel())
        if self.layout.uv_map:
            mesh.uv_layers[self.layout.uv_map].active_render = True
            mesh.uv_layers.active = mesh.uv_layers[self.layout.uv_map]
        if self.layout.color:
            mesh.attributes.active_color_name = mesh.attributes.default_color_name = self.layout.color
        if self.normals is not None:
            mesh.normals_split_custom_set(self.normals)
        mesh.update()
        return mesh


def join_parts(parts: Sequence[Part]) -> Geometry:
    """Return one mesh of parts that have the same layout, each at its place; what is mirrored keeps its outside."""
    materials: dict[bpy.types.Material | None, int] = {}
    shares: list[tuple[_Array, ...]] = []
    normals: list[_Array] = []
    layers: dict[Layer, list[_Array]] = {layer: [] for part in parts for layer in part.source.layers}
    has_normals = any(part.source.has_normals for part in parts)
    points_before = edges_before = corners_before = 0
    for source, place in parts:
        matrix = np.array(place, np.float64)
        linear = matrix[:3, :3]
        is_mirrored = float(np.linalg.det(linear)) < 0.0
        order, edge_order = source.turned() if is_mirrored else (slice(None), slice(None))
        numbers = np.array([materials.setdefault(one, len(materials)) for one in source.materials], np.int32)
        shares.append(
            (
                (source.points @ linear.T + matrix[:3, 3]).astype(np.float32),
                source.edges + np.int32(points_before),
                source.corners[order] + np.int32(points_before),
                source.corner_edges[edge_order] + np.int32(edges_before),
                source.starts + np.int32(corners_before),
                numbers[np.clip(source.slots, 0, len(numbers) - 1)],
            )
        )
        if has_normals:
            normals.append(_turned_normals(source.normals[order], linear, is_mirrored))
        for layer, found in layers.items():
            values = source.layers.get(layer)
            if values is None:
                _name, width, kind = _VALUES[layer.kind]
                count = source.sizes[layer.domain]
                values = np.zeros(count if width == 1 else (count, width), kind)
            found.append(values[order] if layer.domain == "CORNER" else values)
        points_before += len(source.points)
        edges_before += len(source.edges)
        corners_before += len(source.corners)
    layout = parts[0].source.layout
    assert layout is not None
    points, edges, corners, corner_edges, starts, slots = (np.concatenate(one) for one in zip(*shares, strict=True))
    joined = {layer: np.concatenate(values) for layer, values in layers.items()}
    shown = np.concatenate(normals) if has_normals else None
    return Geometry(points, edges, corners, corner_edges, starts, slots, list(materials), layout, joined, shown)


def _turned_normals(normals: _Array, linear: NDArray[np.float64], is_mirrored: bool) -> _Array:
    """Return normals under a linear map: they follow its cofactors, which a flat one has too."""
    cofactors = np.array([np.cross(linear[(row + 1) % 3], linear[(row + 2) % 3]) for row in range(3)])
    moved = normals @ (-cofactors if is_mirrored else cofactors).T
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.divide(moved, lengths, out=np.zeros_like(moved), where=lengths > 0.0).astype(np.float32)
