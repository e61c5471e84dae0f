"""All that an artist could see of a model, as plain values, so that two of them can be compared field by field.

Every registered RNA property of every datablock that the objects reach is read, add-ons' included; large arrays are
read as arrays. Left out is what says nothing about the model: addresses, selection, what is computed for display.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import bpy
import numpy as np

SKIPPED = {
    "rna_type", "session_uid", "original", "library", "library_weak_reference", "override_library", "asset_data",
    "preview", "tag", "users", "name_full", "is_evaluated", "is_embedded_data", "is_library_indirect",
    "is_runtime_data", "is_missing", "is_linked_packed", "select", "select_head", "select_tail", "select_control_point",
    "select_left_handle", "select_right_handle", "is_active", "show_expanded", "bl_rna", "is_editmode", "active_index",
    "persistent_uid", "is_override_data", "execution_time", "dimensions", "bl_system_properties_get",
}  # fmt: skip
SKIPPED_OF: dict[str, set[str]] = {
    # The layers are read as attributes.
    "Mesh": {"vertices", "edges", "loops", "polygons", "loop_triangles", "loop_triangle_polygons", "uv_layers",
             "vertex_colors", "color_attributes", "attributes", "corner_normals", "vertex_normals", "polygon_normals",
             "uv_layer_stencil", "uv_layer_clone", "vertex_creases", "edge_creases", "uv_layer_stencil_index",
             "uv_layer_clone_index", "skin_vertices", "polygon_layers_float", "is_editmode", "total_vert_sel",
             "total_edge_sel", "total_face_sel"},
    "Image": {"pixels", "filepath", "filepath_raw", "packed_file", "packed_files", "has_data", "is_dirty", "bindcode",
              "gl_load", "frame_duration", "render_slots", "type"},
    "Object": {"particle_systems", "bound_box", "children", "children_recursive", "users_collection", "users_scene",
               "is_instancer", "parent_vertices", "collision", "soft_body", "rigid_body", "field", "lineart",
               "active_material", "active_shape_key", "active_shape_key_index", "mode", "active_material_index"},
    "ShapeKey": {"data", "points"},
    "Action": {"users", "curve_frame_range", "frame_range", "fcurves"} if hasattr(bpy.types, "ActionSlot") else set(),
    "ActionSlot": {"identifier_active"},
    "Collection": {"all_objects", "children", "objects", "collection_objects", "collection_children", "view_layers",
                   "color_tag", "name"},
    "Armature": {"edit_bones"},
    "Node": {"internal_links", "dimensions", "parent"},
}  # fmt: skip
OURS = "tripo_"
Snapshot = dict[str, Any]


def of_collection(root: bpy.types.Collection) -> Snapshot:
    """Everything below a collection, and the loose animations of a file that holds nothing else.

    `root` describes the collections, every other key is a datablock.
    """
    reader = _Reader()
    found: Snapshot = {"root": _collections(root), "root properties": _custom(root)}
    excluded = [layer for layer in _all_layers(bpy.context.view_layer.layer_collection) if layer.exclude]
    for layer in excluded:
        layer.exclude = False  # what is left out has no matrices
    bpy.context.view_layer.update()
    for block in (*root.all_objects, *bpy.data.actions):
        reader.meet(block)
    while reader.waiting:
        block = reader.waiting.pop()
        found[_label(block)] = reader.block(block)
    for layer in excluded:
        layer.exclude = True
    return found


def differences(left: Any, right: Any, tolerance: float = 0.0, where: str = "") -> Iterator[str]:
    """Say where two snapshots differ, in a line each."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted({*left, *right}, key=str):
            if key not in left or key not in right:
                yield f"{where}/{key}: only {'ours' if key not in left else 'direct'} has it"
            else:
                yield from differences(left[key], right[key], tolerance, f"{where}/{key}")
    elif isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            yield f"{where}: {len(left)} != {len(right)} items"
        for number, pair in enumerate(zip(left, right, strict=False)):
            yield from differences(*pair, tolerance, f"{where}[{number}]")
    elif isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        if left.shape != right.shape or not np.allclose(left, right, rtol=0, atol=tolerance, equal_nan=True):
            apart = np.abs(left - right).max() if left.shape == right.shape else f"{left.shape} != {right.shape}"
            yield f"{where}: arrays differ ({apart})"
    elif isinstance(left, float) and isinstance(right, float):
        if not (abs(left - right) <= tolerance or (left != left and right != right)):
            yield f"{where}: {left!r} != {right!r}"
    elif left != right:
        yield f"{where}: {left!r} != {right!r}"


def _label(block: bpy.types.ID) -> str:
    return f"{type(block).__name__} {block.name}"


def _collections(root: bpy.types.Collection) -> dict[str, Any]:
    layers = {layer.collection.name: layer for layer in _all_layers(bpy.context.view_layer.layer_collection)}
    return {
        "objects": sorted(one.name for one in root.objects),
        "children": {
            child.name: _collections(child) | {"excluded": layers[child.name].exclude} for child in root.children
        },
    }


def _all_layers(layer: bpy.types.LayerCollection) -> Iterator[bpy.types.LayerCollection]:
    yield layer
    for child in layer.children:
        yield from _all_layers(child)


def _custom(owner: Any) -> dict[str, Any]:
    """Custom properties; those that are registered are read as such."""
    return {
        key: _value(value)
        for key, value in owner.items()
        if not key.startswith(OURS) and key not in owner.bl_rna.properties and key != "cycles"
    }


def _value(value: Any) -> Any:
    if hasattr(value, "to_dict"):
        return {key: _value(one) for key, one in value.items()}
    if hasattr(value, "to_list"):
        return value.to_list()
    return _label(value) if isinstance(value, bpy.types.ID) else value


class _Reader:
    """Reads datablocks; those they refer to are read later, once."""

    def __init__(self) -> None:
        self.waiting: list[bpy.types.ID] = []
        self._met: set[int] = set()
        self._within: set[int] = set()

    def meet(self, block: bpy.types.ID) -> str:
        if block.as_pointer() not in self._met:
            self._met.add(block.as_pointer())
            self.waiting.append(block)
        return _label(block)

    def block(self, block: Any) -> dict[str, Any]:
        self._within = {block.as_pointer()}
        fields = self._struct(block)
        if isinstance(block, bpy.types.Mesh):
            fields |= _mesh(block)
        elif isinstance(block, bpy.types.Image):
            fields["pixels"] = _array(block, "pixels", len(block.pixels))
        elif isinstance(block, bpy.types.Key):
            for key in block.key_blocks:
                fields[f"co {key.name}"] = _array(key.data, "co", 3 * len(key.data))
        return fields

    def _struct(self, struct: Any) -> dict[str, Any]:
        skipped = SKIPPED.union(*(SKIPPED_OF.get(one.__name__, ()) for one in type(struct).__mro__))
        fields: dict[str, Any] = {}
        for rna in struct.bl_rna.properties:
            if rna.identifier in skipped:
                continue
            try:
                value = getattr(struct, rna.identifier)
            except (AttributeError, RuntimeError, ValueError):
                continue
            fields[rna.identifier] = self._property(rna, value)
        if hasattr(struct, "keys") and hasattr(struct, "items"):
            try:
                fields["custom properties"] = _custom(struct)
            except TypeError:  # a struct that takes none
                pass
        return fields

    def _property(self, rna: Any, value: Any) -> Any:
        if rna.type == "POINTER":
            return self._pointer(value)
        if rna.type == "COLLECTION":
            return [self._pointer(one) for one in value]
        if isinstance(value, set):
            return sorted(value)
        if getattr(rna, "is_array", False):
            return [list(row) if hasattr(row, "__len__") else row for row in value]
        return value

    def _pointer(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, bpy.types.ID) and not value.is_embedded_data:
            return self.meet(value)
        if not hasattr(value, "as_pointer") or value.as_pointer() in self._within:
            return getattr(value, "name", type(value).__name__)
        self._within.add(value.as_pointer())
        return self._struct(value)


_ATTRIBUTES: dict[str, tuple[str, int, str]] = {
    "FLOAT": ("value", 1, "f"), "INT": ("value", 1, "i"), "INT8": ("value", 1, "i"), "BOOLEAN": ("value", 1, "?"),
    "FLOAT_VECTOR": ("vector", 3, "f"), "FLOAT2": ("vector", 2, "f"), "FLOAT_COLOR": ("color", 4, "f"),
    "BYTE_COLOR": ("color", 4, "f"), "INT32_2D": ("value", 2, "i"), "INT16_2D": ("value", 2, "i"),
    "QUATERNION": ("value", 4, "f"), "FLOAT4X4": ("value", 16, "f"),
}  # fmt: skip


def _mesh(mesh: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "corners": _array(mesh.loops, "vertex_index", len(mesh.loops), "i"),
        "edges": _array(mesh.edges, "vertices", 2 * len(mesh.edges), "i"),
        "faces": _array(mesh.polygons, "loop_total", len(mesh.polygons), "i"),
        "normals": _array(mesh.corner_normals, "vector", 3 * len(mesh.loops)),
        "weights": [[(group.group, group.weight) for group in vertex.groups] for vertex in mesh.vertices],
    }
    for one in mesh.attributes:
        label = f"attribute {one.name} {one.domain} {one.data_type} {one.is_internal}"
        name, width, kind = _ATTRIBUTES.get(one.data_type, ("", 0, ""))
        fields[label] = _array(one.data, name, width * len(one.data), kind) if name else len(one.data)
    for layer, active in (("uv_layers", "active_render"), ("color_attributes", "")):
        fields[f"names of {layer}"] = [(one.name, getattr(one, active, None)) for one in getattr(mesh, layer)]
    fields["active colour"] = mesh.color_attributes.render_color_index
    return fields


def _array(owner: Any, name: str, count: int, kind: str = "f") -> np.ndarray:
    if not hasattr(owner, "foreach_get") or owner.__class__.__name__ == "Image":
        values = np.empty(count, np.float32)
        getattr(owner, name).foreach_get(values)
        return values
    values = np.empty(count, {"f": np.float32, "i": np.int32, "?": bool}[kind])
    owner.foreach_get(name, values)
    return values.astype(np.float32) if kind == "?" else values


def reached_images(objects: Iterable[bpy.types.Object]) -> set[bpy.types.Image]:
    """The images that the materials of some objects use, node groups included."""
    trees = [slot.material.node_tree for one in objects for slot in one.material_slots if slot.material]
    found: set[bpy.types.Image] = set()
    while trees:
        tree = trees.pop()
        for node in tree.nodes if tree else ():
            if node.type == "GROUP":
                trees.append(node.node_tree)
            elif getattr(node, "image", None):
                found.add(node.image)
    return found
