"""A model that was prepared for editing looks as it did: every corner of every face, on two frames of its animation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from support.machine.releases import both_ends
from support.models import made as models_make

pytestmark = both_ends


READY = {"merge_seams": True, "euler": True, "apply_scale": True}


def look(collection: Any, frame: int) -> dict[str, Any]:
    """What is seen of each object in one frame, in the order of its corners."""
    bpy.context.scene.frame_set(frame)
    found: dict[str, Any] = {}
    for one in collection.all_objects:
        if one.type != "MESH":
            found[one.name] = np.array(one.matrix_world.translation)
            continue
        shown: Any = one.evaluated_get(bpy.context.evaluated_depsgraph_get())
        mesh, matrix = shown.data, np.array(shown.matrix_world)
        corners = np.empty(len(mesh.loops), np.int32)
        mesh.loops.foreach_get("vertex_index", corners)
        places, normals = np.empty((len(mesh.vertices), 3), np.float32), np.empty((len(corners), 3), np.float32)
        mesh.vertices.foreach_get("co", places.ravel())
        mesh.corner_normals.foreach_get("vector", normals.ravel())
        turned = normals @ np.linalg.pinv(matrix[:3, :3])
        lengths = np.linalg.norm(turned, axis=1, keepdims=True)
        found[f"{one.name} places"] = places[corners] @ matrix[:3, :3].T + matrix[:3, 3]
        found[f"{one.name} normals"] = turned / np.where(lengths > 0, lengths, 1)
        found[f"{one.name} materials"] = np.array([face.material_index for face in mesh.polygons])
        for layer in mesh.uv_layers:
            found[f"{one.name} {layer.name} {layer.active_render}"] = np.array([each.uv[:] for each in layer.data])
        for colour in mesh.color_attributes:
            values = np.array([each.color[:] for each in colour.data])
            found[f"{one.name} {colour.name}"] = values[corners] if colour.domain == "POINT" else values
        found[f"{one.name} colour"] = np.array(mesh.color_attributes.render_color_index)
    return found


@pytest.mark.parametrize("name", models_make.MODELS)
def test_it_looks_the_same(deliver: Any, source: Path, name: str) -> None:
    models_make.empty_file()
    models_make.MODELS[name]()
    models_make.export(source)
    looks: list[list[dict[str, Any]]] = []
    for options in ({}, READY):
        models_make.empty_file()
        collection = deliver(ground=False, **options)
        looks.append([look(collection, frame) for frame in (1, 12)])
    for before, after in zip(*looks, strict=True):
        assert before.keys() == after.keys()
        for what, value in before.items():
            assert value.shape == after[what].shape, what
            assert np.allclose(value, after[what], rtol=0, atol=2e-3), what
