"""Objects that share a mesh share its looks, whichever of them is flipped or kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bpy
import pytest
from blender.mesh.conftest import MeshLab

from support.models.result_glb import triangles_of, write_textured


def depsgraph() -> Any:
    bpy.context.view_layer.update()
    return bpy.context.evaluated_depsgraph_get()


@pytest.fixture
def pair(lab: MeshLab, suzanne: Any, tmp_path: Path) -> tuple[Any, Any]:
    """A textured monkey and a linked duplicate of it with a material of its own in its first look."""
    suzanne.data.materials.append(bpy.data.materials.new("clay"))
    write_textured(tmp_path / "result.glb", triangles_of([suzanne], depsgraph()))
    lab.deliver("texture_model", tmp_path / "result.glb", [suzanne])
    copy: Any = suzanne.copy()
    copy.name = "copy"
    bpy.context.collection.objects.link(copy)
    assert materials(suzanne) == materials(copy) == ["look 0"]
    return suzanne, copy


def materials(obj: Any) -> list[str]:
    return [slot.material.name for slot in obj.material_slots]


def show(obj: Any, look: int) -> None:
    assert bpy.ops.tripo.set_variant(object=obj.name, look=look) == {"FINISHED"}


def test_a_linked_duplicate_keeps_all_looks(lab: MeshLab, pair: tuple[Any, Any]) -> None:
    one, other = pair
    show(one, 0)
    assert [lab.looks.active_of(obj) for obj in pair] == [0, 0] and materials(other) == ["clay"]
    other.material_slots[0].link = "OBJECT"
    other.material_slots[0].material = bpy.data.materials.new("mine")
    for look, mine, theirs in ((1, "look 0", "look 0"), (0, "clay", "mine"), (1, "look 0", "look 0")):
        show(other if look else one, look)
        assert (materials(one), materials(other)) == ([mine], [theirs])
        assert [lab.looks.active_of(obj) for obj in pair] == [look, look]
    bpy.data.objects.remove(one)
    show(other, 0)
    assert materials(other) == ["mine"]
    show(other, 1)
    assert materials(other) == ["look 0"], "nothing was lost with the other one"
    assert not [block for block in bpy.data.materials if block.users < 1]


def test_looks_that_were_told_apart_before_come_together(lab: MeshLab, pair: tuple[Any, Any]) -> None:
    """As earlier versions left them: the mesh shows another look than a duplicate says."""
    one, other = pair
    show(one, 0)
    other["tripo_looks"]["active"] = 1
    show(other, 0)
    show(other, 1)
    assert materials(other) == materials(one) == ["look 0"]


def test_nothing_is_changed_while_another_user_of_the_mesh_is_edited(pair: tuple[Any, Any]) -> None:
    one, other = pair
    bpy.context.view_layer.objects.active = other
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.context.view_layer.objects.active = None
    try:
        with pytest.raises(RuntimeError, match="Object Mode"):
            bpy.ops.tripo.set_variant(object=one.name, look=0)
    finally:
        bpy.context.view_layer.objects.active = other
        bpy.ops.object.mode_set(mode="OBJECT")
    assert materials(one) == ["look 0"]


def test_a_uv_map_stays_that_a_material_of_a_duplicate_calls_for(lab: MeshLab, pair: tuple[Any, Any]) -> None:
    one, other = pair
    show(one, 0)
    own: Any = bpy.data.materials.new("own")
    own.use_nodes = True
    own.node_tree.nodes.new("ShaderNodeUVMap").uv_map = "rusty iron"
    other.material_slots[0].link, other.material_slots[0].material = "OBJECT", own
    assert bpy.ops.tripo.keep_variant(object=one.name) == {"FINISHED"}
    assert "rusty iron" in one.data.uv_layers


def test_tokens_of_another_blender_name_nothing(lab: MeshLab, suzanne: Any) -> None:
    """The number of a process comes again: in a container each Blender has the same."""
    bpy.ops.mesh.primitive_cube_add()
    other: Any = bpy.context.object
    placement = lab.package("client.jobs.placement")
    earlier = placement.Original(("Suzanne",), (f"{os.getpid()}:{other.session_uid}",))
    find = lab.package("session.delivery.originals").find
    assert find(earlier, bpy.context.scene) == [suzanne]
    now = lab.package("properties.placement_values").original_of([suzanne])
    suzanne.name = "renamed"
    assert find(now, bpy.context.scene) == [suzanne]
