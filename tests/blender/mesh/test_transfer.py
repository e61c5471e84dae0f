"""The look of a textured model is baked onto the object that it stands beside, which keeps its faces and UV map."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import numpy as np
import pytest
from blender.mesh.conftest import MeshLab

from support.machine.releases import both_ends
from support.models.result_glb import triangles_of, write_textured
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = [pytest.mark.usefixtures("short_past"), both_ends]


def evaluated(*objects: Any) -> Any:
    bpy.context.view_layer.update()
    return triangles_of(objects, bpy.context.evaluated_depsgraph_get())


def beside_of(obj: Any) -> Any:
    (found,) = [one for one in bpy.context.scene.collection.children_recursive if "tripo_beside" in one]
    assert obj in found["tripo_beside"].values()
    return found


def stand_in(lab: MeshLab, obj: Any, tmp_path: Path, name: str = "two colours") -> Any:
    """Let a result of other faces arrive beside the object: red below, blue above."""
    sent = evaluated(obj)
    split = np.concatenate([sent[:, [0, 1, 2]], sent[:, [0, 1, 2]]])
    middles = (sent[:, 0] + sent[:, 1]) / 2
    split[: len(sent), 1], split[len(sent) :, 0] = middles, middles
    write_textured(tmp_path / "result.glb", split, ((1, 0, 0, 1), (0, 0, 1, 1)))
    job = lab.deliver("texture_model", tmp_path / "result.glb", [obj], name=name)
    assert "beside" in str(job.notice)
    return beside_of(obj)


def colours(obj: Any) -> tuple[Any, Any]:
    """What the shown material's image has at each corner of the mesh, and how high the corner is, from 0 to 1."""
    mesh = obj.data
    (material,) = mesh.materials
    tree = material.node_tree
    shader = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    texture = shader.inputs["Base Color"].links[0].from_node
    place = texture.inputs[0].links[0].from_node
    layer = mesh.uv_layers[place.uv_map]
    assert layer.active_render
    image = texture.image
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    pixels = pixels.reshape(height, width, 4)
    found, heights = [], []
    points = np.array([tuple(one.co) for one in mesh.vertices])
    low, high = points.min(axis=0)[2], points.max(axis=0)[2]
    for face in mesh.polygons:
        middle = np.mean([tuple(layer.uv[loop].vector) for loop in face.loop_indices], axis=0)
        x, y = (min(int(part * side), side - 1) for part, side in zip(middle, (width, height), strict=True))
        found.append(pixels[y, x, :3])
        heights.append((face.center.z - low) / (high - low))
    return np.array(found), np.array(heights)


def assert_two_colours(obj: Any) -> None:
    found, heights = colours(obj)
    low, high = found[heights < 0.3], found[heights > 0.75]
    assert len(low) > 20 and len(high) > 20
    assert np.mean(low[:, 0] > low[:, 2]) > 0.9, "what is red below is red on the object"
    assert np.mean(high[:, 2] > high[:, 0]) > 0.9, "what is blue above is blue on the object"


def plain(obj: Any) -> Any:
    """What must stay: faces, UV maps, modifiers, transform."""
    mesh = obj.data
    return (
        [tuple(one.vertices) for one in mesh.polygons],
        [(one.name, [tuple(corner.vector) for corner in one.uv]) for one in mesh.uv_layers],
        [(one.name, one.type) for one in obj.modifiers],
        [tuple(row) for row in obj.matrix_world],
    )


def test_the_look_is_baked_onto_the_object_for_free(
    lab: MeshLab, quick: SandboxControl, suzanne: Any, tmp_path: Path
) -> None:
    suzanne.modifiers.new("Subdivision", "SUBSURF").levels = 1
    model = stand_in(lab, suzanne, tmp_path)
    bpy.ops.ed.undo_push(message="before")
    before = plain(suzanne)
    assert bpy.ops.tripo.transfer_texture(object="Suzanne") == {"FINISHED"}
    row = next(one for one in bpy.context.window_manager.tripo.jobs if one.kind == "transfer_texture")
    assert (row.status, row.name, row.credits) == ("IMPORTED", "two colours", 0)
    assert quick.state()["submissions"] == [], "nothing is sent"
    assert plain(suzanne) == before, "onto its own UV map, with its modifiers"
    assert lab.looks.names_of(suzanne) == ["Original", "two colours"] and lab.looks.active_of(suzanne) == 1
    assert_two_colours(suzanne)
    assert all(one.hide_viewport and one.hide_render for one in model.all_objects)
    assert "no textured model beside" in refused(object="Suzanne"), "it is not offered twice"
    assert not bpy.data.libraries and not [one for one in bpy.data.meshes if one.name.startswith("Tripo look")]
    bpy.ops.ed.undo()
    obj = bpy.data.objects["Suzanne"]
    assert "tripo_looks" not in obj and plain(obj) == before
    assert not any(one.hide_viewport for one in beside_of(obj).all_objects)


def test_an_object_without_uv_map_gets_one(lab: MeshLab, quick: SandboxControl, suzanne: Any, tmp_path: Path) -> None:
    suzanne.data.uv_layers.remove(suzanne.data.uv_layers[0])
    model = stand_in(lab, suzanne, tmp_path)
    part = next(one for one in model.all_objects if one.type == "MESH")
    assert bpy.ops.tripo.transfer_texture(object=part.name) == {"FINISHED"}, "the model beside it is named"
    assert [one.name for one in suzanne.data.uv_layers] == ["Tripo"]
    assert_two_colours(suzanne)
    assert bpy.ops.tripo.set_variant(object="Suzanne", look=0) == {"FINISHED"}
    assert not suzanne.data.materials


def refused(**arguments: Any) -> str:
    with pytest.raises(RuntimeError) as caught:
        bpy.ops.tripo.transfer_texture(**arguments)
    return str(caught.value)


def test_what_cannot_be_baked_is_said_before_anything_is_written(
    lab: MeshLab, quick: SandboxControl, suzanne: Any, tmp_path: Path
) -> None:
    assert "no textured model beside" in refused(object="Suzanne")
    assert "no textured model beside" in refused(object="nobody")
    stand_in(lab, suzanne, tmp_path)
    before = {path.name for path in (lab.home / "inputs").iterdir()}
    collection = beside_of(suzanne)
    bpy.data.objects.remove(suzanne)
    part = next(one for one in collection.all_objects if one.type == "MESH")
    assert "no longer in this scene" in refused(object=part.name)
    assert {path.name for path in (lab.home / "inputs").iterdir()} == before


def test_what_is_not_baked_changes_nothing_and_may_be_tried_again(
    lab: MeshLab, quick: SandboxControl, suzanne: Any, tmp_path: Path
) -> None:
    model = stand_in(lab, suzanne, tmp_path)
    for one in model.all_objects:
        if one.type == "MESH":
            one.modifiers.new("gone", "MASK").vertex_group = "none"
            one.data.clear_geometry()
    before = plain(suzanne)
    said = refused(object="Suzanne")
    assert "The look could not be baked (one of the objects has no faces)" in said
    assert plain(suzanne) == before and "tripo_looks" not in suzanne
    row = next(one for one in bpy.context.window_manager.tripo.jobs if one.kind == "transfer_texture")
    assert row.status == "FAILED"
    assert "could not be baked" in _retried(row.job_id), "for free: it goes to the converter, not to the service"
    assert quick.state()["submissions"] == []


def _retried(job_id: str) -> str:
    with pytest.raises(RuntimeError) as caught:
        bpy.ops.tripo.retry_job(job_id=job_id)
    return str(caught.value)


def kill_one(folder: Path, killed: list[int]) -> None:
    """Wait for a process that works in a folder, and kill it as a machine does that has no memory left."""
    deadline = time.monotonic() + 120.0
    while not killed and time.monotonic() < deadline:
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if Path(os.readlink(process / "cwd")).is_relative_to(folder):
                    os.kill(int(process.name), signal.SIGKILL)
                    killed.append(int(process.name))
                    return
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="it looks for the process in /proc")
def test_a_converter_that_is_killed_loses_nothing(
    lab: MeshLab, quick: SandboxControl, suzanne: Any, tmp_path: Path
) -> None:
    stand_in(lab, suzanne, tmp_path)
    killed: list[int] = []
    watcher = threading.Thread(target=kill_one, args=(lab.home / "scratch", killed))
    watcher.start()
    assert bpy.ops.tripo.transfer_texture(object="Suzanne") == {"FINISHED"}
    watcher.join()
    assert killed and lab.looks.names_of(suzanne) == ["Original", "two colours"]
    assert_two_colours(suzanne)


def red_to_blue(obj: Any) -> None:
    """Give it a colour that no file holds: what is baked is what Blender shows."""
    material = bpy.data.materials.new("mine")
    material.use_nodes = True
    tree = material.node_tree
    shader = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    place, parts, less, colour = (
        tree.nodes.new(f"ShaderNode{kind}") for kind in ("TexCoord", "SeparateXYZ", "Math", "CombineColor")
    )
    less.operation = "SUBTRACT"
    less.inputs[0].default_value = 1.0
    tree.links.new(place.outputs["Generated"], parts.inputs[0])
    tree.links.new(parts.outputs["Z"], less.inputs[1])
    tree.links.new(less.outputs[0], colour.inputs["Red"])
    tree.links.new(parts.outputs["Z"], colour.inputs["Blue"])
    tree.links.new(colour.outputs[0], shader.inputs["Base Color"])
    obj.data.materials.append(material)


@pytest.mark.parametrize("bakes", [True, False])
def test_quads_get_the_look_of_the_object_on_request(
    quick: SandboxControl, suzanne: Any, tmp_path: Path, bakes: bool
) -> None:
    red_to_blue(suzanne)
    file = str(tmp_path / "quads.fbx")
    assert bpy.ops.tripo.convert_model(
        format="FBX", quad=True, face_limit=1000, filepath=file, import_result=True, bake_look=bakes
    ) == {"FINISHED"}
    made = bpy.data.objects["Suzanne_retopo"]
    materials = [one.name for one in made.data.materials if one is not None]
    assert (materials == ["Baked look"]) is bakes
    if bakes:
        assert_two_colours(made)
        assert sum(one.loop_total == 4 for one in made.data.polygons) >= 0.95 * len(made.data.polygons)
