"""A converted file is saved where it was asked for and, on request, stands in the original's place."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from blender.mesh.conftest import MeshLab
from mathutils import Vector

from support.models.result_glb import normalised, triangles_of


def depsgraph() -> Any:
    bpy.context.view_layer.update()
    return bpy.context.evaluated_depsgraph_get()


def bounds(objects: Any) -> Any:
    points = triangles_of(objects, depsgraph()).reshape(-1, 3)
    return np.array([points.min(axis=0), points.max(axis=0)])


def suzanne(**changes: Any) -> Any:
    bpy.ops.mesh.primitive_monkey_add(size=3.0, location=(4, 5, 6))
    obj = bpy.context.object
    obj.name = "Suzanne"
    for name, value in changes.items():
        setattr(obj, name, value)
    return obj


def write_quads(path: Path, obj: Any) -> None:
    """What retopology answers: quads about the surface's bounds, about 1 m, as FBX."""
    box = normalised(triangles_of([obj], depsgraph())).reshape(-1, 3)
    low, high = box.min(axis=0), box.max(axis=0)
    bpy.ops.mesh.primitive_cube_add(size=1.0)
    cube: Any = bpy.context.object
    modifier = cube.modifiers.new("more", "SUBSURF")
    modifier.subdivision_type, modifier.levels = "SIMPLE", 4
    cube.scale = high - low
    bpy.ops.object.select_all(action="DESELECT")
    cube.select_set(True)
    bpy.ops.export_scene.fbx(filepath=str(path), use_selection=True)
    bpy.data.objects.remove(cube)


def share_of_quads(mesh: Any) -> float:
    return sum(len(one.vertices) == 4 for one in mesh.polygons) / len(mesh.polygons)


@pytest.mark.parametrize(
    "changes",
    [{}, {"rotation_euler": (0.3, 0.2, 0.1)}, {"scale": (-1.0, 2.0, 0.5)}, {"rotation_mode": "QUATERNION"}],
    ids=["plain", "turned", "mirrored", "quaternion"],
)
def test_quads_stand_in_the_place_of_the_original(lab: MeshLab, tmp_path: Path, changes: Any) -> None:
    obj = suzanne(**changes)
    above = bpy.data.objects.new("above", None)
    bpy.context.collection.objects.link(above)
    above.location = (1, 2, 3)
    obj.parent = above
    write_quads(tmp_path / "result.fbx", obj)
    place = bounds([obj])
    target = tmp_path / "saved.fbx"
    bpy.ops.ed.undo_push(message="before")
    job = lab.deliver("convert_model", tmp_path / "result.fbx", [obj], filepath=str(target), import_result=True)
    assert (job.status.value, str(job.notice)) == ("IMPORTED", f"Saved as {target}")
    assert target.read_bytes() == (tmp_path / "result.fbx").read_bytes()
    obj: Any = bpy.data.objects["Suzanne"]
    made: Any = bpy.data.objects["Suzanne_retopo"]
    assert share_of_quads(made.data) >= 0.95 and len(made.data.polygons) > 1000
    assert np.abs(bounds([made]) - place).max() < 0.01 * np.ptp(place, axis=0).max()
    assert np.allclose(np.array(made.matrix_world), np.array(obj.matrix_world), atol=1e-5) and made.parent == obj.parent
    assert obj.hide_viewport and not made.hide_viewport
    assert made["tripo_job_id"] == job.job_id
    centre = made.matrix_world @ Vector(np.mean([tuple(one.center) for one in made.data.polygons], axis=0).tolist())
    turn = made.matrix_world.to_3x3().inverted().transposed()
    assert all((turn @ one.normal).dot(made.matrix_world @ one.center - centre) > 0 for one in made.data.polygons)
    assert math.isclose(made.scale.x, obj.scale.x, rel_tol=1e-5)
    bpy.ops.ed.undo()
    assert "Suzanne_retopo" not in bpy.data.objects and not bpy.data.objects["Suzanne"].hide_viewport


def test_a_file_alone_changes_nothing_in_the_scene(lab: MeshLab, tmp_path: Path) -> None:
    obj = suzanne()
    write_quads(tmp_path / "result.fbx", obj)
    before = sorted(one.name for one in bpy.data.objects)
    taken = tmp_path / "saved.fbx"
    taken.write_bytes(b"mine")
    job = lab.deliver("convert_model", tmp_path / "result.fbx", [obj], filepath=str(taken))
    assert (job.status.value, str(job.notice)) == ("IMPORTED", f"Saved as {tmp_path / 'saved_2.fbx'}")
    assert taken.read_bytes() == b"mine"
    assert sorted(one.name for one in bpy.data.objects) == before and not obj.hide_viewport


def test_a_folder_that_is_gone_leaves_all_as_it_was(lab: MeshLab, tmp_path: Path) -> None:
    obj = suzanne()
    write_quads(tmp_path / "result.fbx", obj)
    before = sorted(one.name for one in bpy.data.objects)
    gone = tmp_path / "gone" / "saved.fbx"
    job = lab.deliver("convert_model", tmp_path / "result.fbx", [obj], filepath=str(gone), import_result=True)
    assert job.status.value == "READY" and "is not there" in str(job.notice)
    assert sorted(one.name for one in bpy.data.objects) == before and not obj.hide_viewport


def test_a_file_that_blender_cannot_prepare_is_saved_all_the_same(lab: MeshLab, tmp_path: Path) -> None:
    """A job of a format that no importer reads has a file and no prepared model."""
    obj = suzanne()
    write_quads(tmp_path / "result.fbx", obj)
    job_id = lab.row("convert_model", tmp_path / "result.fbx", [obj], filepath=str(tmp_path / "saved.3mf"))
    lab.jobs.update(job_id, lab.status.READY, blend="")
    lab.session.tick()
    assert lab.jobs.get(job_id).status.value == "IMPORTED" and (tmp_path / "saved.3mf").is_file()


def test_the_delivery_copies_nothing(lab: MeshLab, tmp_path: Path) -> None:
    """A large file would hold the window: saving it is the agent's work."""
    obj = suzanne()
    write_quads(tmp_path / "result.fbx", obj)
    saved = tmp_path / "saved.fbx"
    job_id = lab.row("convert_model", tmp_path / "result.fbx", [obj], filepath=str(saved))
    saved.unlink()
    lab.session.tick()
    job = lab.jobs.get(job_id)
    assert job.status.value == "READY" and "not saved yet: press Import" in str(job.notice)
    assert not saved.exists()


@pytest.mark.parametrize(("name", "stem"), [("Aux", "_Aux"), ("con.001", "_con.001"), ("console", "console")])
def test_no_file_has_the_name_of_a_device(package: Any, tmp_path: Path, name: str, stem: str) -> None:
    """An object may be called so; on Windows its result could not be saved."""
    assert package("operators.mesh.convert")._free_path(name, ".glb", tmp_path).name == f"{stem}.glb"
