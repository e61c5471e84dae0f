"""What is delivered cannot end Blender: the converter mends meshes, and opens its result before it hands it over."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from support.models.many_objects import write_many
from support.models.worker import Worker

Package = Callable[[str], ModuleType]
SPOILED = """
import math
from converter import importers
def spoil(path, kind, before=importers._import):
    before(path, kind)
    import bpy
    for mesh in bpy.data.meshes:
        mesh.vertices.foreach_set("co", [math.nan] * 9)
        mesh.attributes.new("material_index", "INT", "FACE").data[0].value = 99
        mesh.loops[0].vertex_index = 12345
importers._import = spoil
"""
FAILS = """
import converter.rehearsal as rehearse
def fail():
    import bpy
    if len(bpy.data.objects) == 7:
        END
rehearse._triangulate = fail
"""
COUNTS = """
import converter.rehearsal as rehearse
rehearse.LARGE_BYTES = 1
def count(before=rehearse._triangulate):
    print("meshes now:", len(rehearse.bpy.data.meshes), flush=True)
    before()
rehearse._triangulate = count
def empty(before=rehearse._empty):
    before()
    print("meshes before:", len(rehearse.bpy.data.meshes), flush=True)
rehearse._empty = empty
"""


@pytest.fixture
def converter(extension: str) -> Iterator[Callable[[str], Worker]]:
    """Start the extension's converter after some Python."""
    folder = Path(importlib.import_module(extension).__file__ or "").parent
    started: list[Worker] = []

    def start(before: str) -> Worker:
        started.append(Worker(folder, before))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_meshes_are_repaired_before_they_are_written(converter: Callable[[str], Worker], tmp_path: Path) -> None:
    blend = tmp_path / "model.blend"
    worker = converter(SPOILED)
    assert worker.convert(write_many(tmp_path / "seven.glb", 7), blend) == {"ok": True}, "".join(worker.noise[-20:])
    with cast(Any, bpy.data.libraries).load(str(blend)) as (source, wanted):
        wanted.meshes = source.meshes
    (mesh,) = bpy.data.meshes
    assert not mesh.validate()
    points = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", points)
    assert np.isfinite(points).all()
    assert all(face.material_index < len(mesh.materials) for face in mesh.polygons)


def test_a_model_that_cannot_be_opened_again_is_refused(converter: Callable[[str], Worker], tmp_path: Path) -> None:
    blend = tmp_path / "model.blend"
    worker = converter(FAILS.replace("END", "raise RuntimeError('no such thing')"))
    answer = worker.convert(write_many(tmp_path / "seven.glb", 7), blend)
    assert answer is not None and not answer["ok"] and "opened again" in answer["reason"]
    assert [one.name for one in tmp_path.iterdir()] == ["seven.glb"]
    assert worker.convert(write_many(tmp_path / "six.glb", 6), blend) == {"ok": True}, "it goes on"


def test_a_large_model_is_opened_with_nothing_else_in_memory(
    converter: Callable[[str], Worker], tmp_path: Path
) -> None:
    source = write_many(tmp_path / "many.glb", 120, meshes=120)
    worker = converter(COUNTS)
    assert worker.convert(source, tmp_path / "model.blend") == {"ok": True}, "".join(worker.noise[-20:])
    told = [line for line in worker.noise if line.startswith("meshes ")]
    assert told[-2:] == ["meshes before: 0\n", "meshes now: 120\n"], "".join(worker.noise[-20:])


def test_a_model_that_ends_blender_ends_the_converter(converter: Callable[[str], Worker], tmp_path: Path) -> None:
    blend = tmp_path / "model.blend"
    worker = converter(FAILS.replace("END", "import os; os._exit(139)"))
    assert worker.convert(write_many(tmp_path / "seven.glb", 7), blend) is None
    assert not blend.exists()


def test_validation_repairs_what_is_wrong_and_nothing_else(package: Package, extension: str) -> None:
    validate = package("converter.validate")
    mesh = bpy.data.meshes.new("mesh")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0)], [], [(0, 1, 2), (1, 3, 2)])
    mesh.uv_layers.new(name="map")
    obj = bpy.data.objects.new("object", mesh)
    obj.shape_key_add(name="Basis")
    key: Any = obj.shape_key_add(name="bent")
    assert not validate.validate_mesh(mesh) and not validate.validate_object(obj)
    # All at once: a single number that is none does not come through Blender's own check.
    layer: Any = mesh.uv_layers["map"]
    layer.uv.foreach_set("vector", [math.nan, 0.25] * 6)
    key.data.foreach_set("co", [0.0, 1.0, math.inf] * 4)
    assert validate.validate_mesh(mesh)
    repaired: Any = mesh.uv_layers["map"].uv[1].vector, key.data[2].co
    assert [tuple(one) for one in repaired] == [(0.0, 0.25), (0.0, 1.0, 0.0)]
    obj.matrix_basis = Matrix.Translation((math.nan, 1.0, 2.0))
    assert validate.validate_object(obj)
    place: Any = obj.location
    assert tuple(place) == (0.0, 1.0, 2.0)
    assert not validate.validate_mesh(mesh) and not validate.validate_object(obj)
