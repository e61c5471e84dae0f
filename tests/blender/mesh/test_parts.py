"""Parts of a segmented model stand where the original does, which is hidden and kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from blender.mesh.conftest import MeshLab

from support.models.result_glb import triangles_of, write_glb

PARTS = ("left ear", "head", "right ear")


def depsgraph() -> Any:
    bpy.context.view_layer.update()
    return bpy.context.evaluated_depsgraph_get()


def bounds(objects: Any) -> Any:
    points = triangles_of(objects, depsgraph()).reshape(-1, 3)
    return np.array([points.min(axis=0), points.max(axis=0)])


def original() -> Any:
    """Suzanne, 3 m wide, turned and stretched, with a modifier that adds faces."""
    bpy.ops.mesh.primitive_monkey_add(size=3.0, location=(4, 5, 6), rotation=(0.1, 0.2, 0.9))
    obj = bpy.context.object
    obj.name = "Suzanne"
    obj.scale = (1.0, -2.0, 1.5)
    obj.modifiers.new("Subdivision", "SUBSURF").levels = 1
    return obj


def write_parts(path: Path, triangles: Any, quarter: int = 0, stretch: float = 1.0) -> None:
    """What the service makes of triangles: three parts by the X axis, about 1 m, stretched by its remeshing."""
    triangles = triangles * (1.0, 1.0, stretch)
    low, high = triangles.reshape(-1, 3).min(axis=0), triangles.reshape(-1, 3).max(axis=0)
    small = (triangles - (low + high) / 2) / (high - low).max()
    places = np.digitize(small.mean(axis=1)[:, 0], (-0.2, 0.2))
    if quarter:
        small = small[..., [1, 0, 2]] * (-1, 1, 1)
    nodes = {name: [(small[places == number], None)] for number, name in enumerate(PARTS)}
    write_glb(path, nodes, [(0.5, 0.5, 0.5, 1)])


@pytest.mark.parametrize(("quarter", "stretch"), [(0, 1.0), (0, 1.01), (1, 1.0)])
def test_parts_stand_in_the_place_of_the_original(lab: MeshLab, tmp_path: Path, quarter: int, stretch: float) -> None:
    obj = original()
    sent = triangles_of([obj], depsgraph())
    place = bounds([obj])
    write_parts(tmp_path / "result.glb", sent, quarter, stretch)
    bpy.ops.ed.undo_push(message="before")
    job = lab.deliver("mesh_segmentation", tmp_path / "result.glb", [obj], name="Parts of Suzanne")
    assert (job.status.value, str(job.notice)) == ("IMPORTED", "")
    parent = bpy.data.objects["Parts of Suzanne"]
    assert parent.type == "EMPTY" and parent["tripo_job_id"] == job.job_id
    assert sorted(one.name for one in parent.children) == sorted(PARTS)
    assert np.abs(bounds(parent.children) - place).max() < 0.001
    obj = bpy.data.objects["Suzanne"]
    assert obj.hide_viewport and obj.hide_render and len(obj.modifiers) == 1
    assert not bpy.data.libraries
    bpy.ops.ed.undo()
    obj = bpy.data.objects["Suzanne"]
    assert not obj.hide_viewport and not obj.hide_render and len(bpy.data.objects) == 1


def test_the_explode_slider_spreads_the_parts_and_brings_them_back(lab: MeshLab, tmp_path: Path) -> None:
    obj = original()
    place = bounds([obj])
    write_parts(tmp_path / "result.glb", triangles_of([obj], depsgraph()))
    lab.deliver("mesh_segmentation", tmp_path / "result.glb", [obj], name="parts")
    parent = bpy.data.objects["parts"]
    parent.tripo.explode = 1.0
    spread = bounds(parent.children)
    assert np.ptp(spread, axis=0)[0] > 1.5 * np.ptp(place, axis=0)[0]
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    parent = bpy.data.objects["parts"]
    assert parent.tripo.explode == 1.0 and np.abs(bounds(parent.children) - spread).max() < 1e-4
    parent.children[0].location.z += 1.0
    moved = parent.children[0].location.copy()
    parent.tripo.explode = 0.0
    assert parent.children[0].location == moved, "what the artist moved stays moved"
    parent.children[0].location.z -= 1.0
    assert np.abs(bounds(parent.children) - place).max() < 0.001


@pytest.mark.parametrize("reopened", [False, True])
def test_parts_become_face_sets_and_groups_of_a_copy(lab: MeshLab, tmp_path: Path, reopened: bool) -> None:
    obj = original()
    write_parts(tmp_path / "result.glb", triangles_of([obj], depsgraph()))
    lab.deliver("mesh_segmentation", tmp_path / "result.glb", [obj], name="parts")
    if reopened:  # the original is hidden, so that Blender does not evaluate it
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
        bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
        obj = bpy.data.objects["Suzanne"]
    parent = bpy.data.objects["parts"]
    parent.tripo.explode = 2.0
    before = len(obj.data.attributes)
    assert bpy.ops.tripo.parts_to_face_sets(object="parts") == {"FINISHED"}
    copy = bpy.data.objects["Suzanne parts"]
    assert obj.hide_viewport and not copy.hide_viewport and copy.data != obj.data
    assert len(obj.data.attributes) == before and not obj.vertex_groups
    assert sorted(one.name for one in copy.vertex_groups) == sorted(PARTS)
    sets = [one.value for one in copy.data.attributes[".sculpt_face_set"].data]
    bpy.context.view_layer.update()
    places = [(copy.matrix_world @ one.center).x for one in copy.data.polygons]
    names = [one.name for one in copy.vertex_groups]
    means = {
        names[number - 1]: np.mean([x for x, one in zip(places, sets, strict=True) if one == number])
        for number in set(sets)
    }
    assert means["left ear"] < means["head"] < means["right ear"]
    assert copy.modifiers[0].type == "SUBSURF"
    with pytest.raises(RuntimeError, match="segmented model"):
        bpy.ops.tripo.parts_to_face_sets(object="Suzanne")


def test_parts_of_an_object_that_is_gone_stand_by_themselves(lab: MeshLab, tmp_path: Path) -> None:
    obj = original()
    write_parts(tmp_path / "result.glb", triangles_of([obj], depsgraph()))
    job_id = lab.row("mesh_segmentation", tmp_path / "result.glb", [obj], name="parts")
    bpy.data.objects.remove(obj)
    lab.session.tick()
    job = lab.jobs.get(job_id)
    assert job.status.value == "IMPORTED" and "is gone" in str(job.notice)
    assert len(bpy.data.objects["parts"].children) == len(PARTS)
