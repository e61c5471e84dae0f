"""Variations take one place: what the artist did to the one that is shown goes over to the next, to the last digit."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine.releases import both_ends
from support.models.placed import models
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

DATA = ("objects", "meshes", "materials", "images", "node_groups", "actions", "armatures", "collections", "libraries")
PLACE = (
    *("location", "rotation_euler", "rotation_quaternion", "rotation_axis_angle", "scale", "rotation_mode"),
    *("delta_location", "delta_rotation_euler", "delta_rotation_quaternion", "delta_scale", "lock_location"),
    *("parent_type", "parent_bone", "matrix_parent_inverse"),
)


def flip(**which: Any) -> None:
    assert bpy.ops.tripo.set_variant(**which) == {"FINISHED"}
    bpy.context.view_layer.update()


def plain(value: Any) -> Any:
    return value if isinstance(value, (str, float, int)) else tuple(plain(one) for one in value)


def place(one: Any) -> dict[str, Any]:
    """Where an object is and why: every digit of it."""
    bpy.context.view_layer.update()
    return {name: plain(getattr(one, name)) for name in PLACE} | {
        "parent": one.parent and one.parent.name,
        "world": plain(one.matrix_world),
        "constraints": [(one.name, one.type, one.influence) for one in one.constraints],
        "modifiers": [(one.name, one.type) for one in one.modifiers],
        "children": sorted(child.name for child in one.children if "tripo_came_with" not in child),
        "collections": sorted(held.name for held in one.users_collection if "tripo_job_id" not in held),
        "action": one.animation_data and one.animation_data.action and one.animation_data.action.name,
    }


def top(collection: bpy.types.Collection) -> Any:
    return next(one for one in collection.all_objects if "tripo_task_id" in one)


def shown() -> list[str]:
    """The jobs of the models that are seen, in the viewport and in renders."""
    bpy.context.view_layer.update()
    seen = [one for one in models() if any(part.visible_get() for part in one.all_objects)]
    assert seen == [one for one in models() if not one.hide_render]
    return [one["tripo_job_id"] for one in seen]


def obj(name: str, collection: bpy.types.Collection, data: Any = None, parent: Any = None, job: str = "") -> Any:
    one = bpy.data.objects.new(name, data)
    collection.objects.link(one)
    one.parent = parent
    if job:
        one["tripo_came_with"] = job
    if job and parent is None:
        one["tripo_task_id"] = job
    return one


def model(job: str, x: float = 0.0, tops: int = 1) -> bpy.types.Collection:
    """A model as it is delivered, in a file that this machine knows nothing of: a mesh with a part below it."""
    made: Any = bpy.data.collections.new(f"model {job}")
    bpy.context.scene.collection.children.link(made)
    made["tripo_job_id"], made["tripo_press"] = job, "a press"
    for number in range(tops):
        one = obj(f"top {job} {number}", made, bpy.data.meshes.new(job), job=job)
        one.location = (x, number, 0.0)
        obj(f"part {job} {number}", made, bpy.data.meshes.new(job), one, job).location = (0.0, 0.0, 1.0)
    return made


def work_on(one: Any) -> dict[str, Any]:
    """What an artist does to an object; what must be so on the one that takes its place."""
    scene = bpy.context.scene
    props = bpy.data.collections.new("props")
    scene.collection.children.link(props)
    table, empty, sign = obj("table", props), obj("empty", props), obj("sign", props, parent=one)
    table.location, table.rotation_euler = (0.1, 0.2, 0.3), (0.4, 0.5, 0.6)
    bpy.context.view_layer.update()
    one.parent, one.matrix_parent_inverse = table, table.matrix_world.inverted()
    one.rotation_mode, one.rotation_euler = "ZXY", (1 / 3, 1 / 7, -2 / 3)
    one.location, one.scale = (math.pi, -math.e, 1 / 3), (1.1, 1.2, 1.3)
    one.delta_location, one.delta_scale, one.lock_location = (0.01, 0.02, 0.03), (1.0, 1.0, 1.01), (True, False, True)
    limit = one.constraints.new("CHILD_OF")
    limit.target, limit.influence, limit.name = empty, 1 / 3, "hang"
    bevel = one.modifiers.new("soft", "BEVEL")
    bevel.width, bevel.segments, bevel.profile_type = 1 / 7, 5, "CUSTOM"
    sign.location = (0.0, 0.0, 2.0)
    watcher = obj("watcher", props)
    watcher.constraints.new("TRACK_TO").target = one
    cutter = obj("wall", props, bpy.data.meshes.new("wall")).modifiers.new("cut", "BOOLEAN")
    cutter.object = one
    return place(one) | {"sign": plain(sign.matrix_world)}


@both_ends
def test_flip_save_reopen_flip_keep(quick: SandboxControl, tmp_path: Path) -> None:
    before = {name: len(getattr(bpy.data, name)) for name in DATA}
    assert bpy.ops.tripo.text_to_3d(prompt="a mushroom", variations=3) == {"FINISHED"}
    of_one = {name: (len(getattr(bpy.data, name)) - before[name]) // 3 for name in DATA}
    jobs = sorted(bpy.context.window_manager.tripo.jobs, key=lambda job: job.name)  # pyright: ignore
    first, second, third = [job.job_id for job in jobs]
    del jobs
    by_job = {one["tripo_job_id"]: one for one in models()}
    kept, untouched = work_on(top(by_job[first])), place(top(by_job[second]))
    own = {name: len(getattr(bpy.data, name)) for name in DATA}
    assert shown() == [first, second, third], "side by side"
    bpy.ops.ed.undo_push(message="before")
    flip(job_id=second)
    bpy.ops.ed.undo_push(message="flip")
    assert shown() == [second] and place(top(by_job[second])) | {"sign": kept["sign"]} == kept
    bpy.ops.ed.undo()
    by_job = {one["tripo_job_id"]: one for one in models()}
    assert shown() == [first, second, third] and place(top(by_job[second])) == untouched, "one step back"
    bpy.ops.ed.redo()
    flip(job_id=second, step=1)
    assert shown() == [third]
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.context.view_layer.objects.active = top(next(one for one in models() if one["tripo_job_id"] == third))
    flip()
    active: Any = bpy.context.active_object
    assert shown() == [first] and active["tripo_job_id"] == first, "the active one goes along"
    flip(step=-2)
    assert shown() == [second]
    assert bpy.ops.tripo.keep_variant(job_id=third) == {"FINISHED"}
    (left,) = models()
    assert left["tripo_job_id"] == third and shown() == [third], "it takes the place before the others leave"
    assert place(top(left)) == {name: value for name, value in kept.items() if name != "sign"}
    assert plain(bpy.data.objects["sign"].matrix_world) == kept["sign"]
    watched = (bpy.data.objects["watcher"].constraints[0].target, bpy.data.objects["wall"].modifiers[0].object)
    assert watched == (top(left), top(left)), "what others point to"
    found = {name: own[name] - len(getattr(bpy.data, name)) for name in DATA}
    assert found == {name: 2 * count for name, count in of_one.items()}
    assert not bpy.data.libraries and not [one for one in bpy.data.user_map() if one.users == 0]


def test_twice_is_as_before(extension: str) -> None:
    """In a file of somebody else: no job of it is in the list."""
    first, second = model("a"), model("b", 1.5)
    one, other = top(first), top(second)
    work_on(one)
    part = one.children[0]
    part.modifiers.new("wide", "SOLIDIFY").thickness = 1 / 3
    rig = obj("rig", first, bpy.data.armatures.new("rig"), one, "a")
    one.modifiers.new("own", "ARMATURE").object = rig
    one.keyframe_insert("location", frame=7)
    one.driver_add("scale", 0).driver.expression = "1.5"
    bpy.context.scene.collection.objects.link(one)
    guest = obj("guest", first, parent=part)
    before = place(one), place(other), place(part)
    bpy.context.view_layer.objects.active = one
    one.select_set(True)
    flip(step=1)
    assert shown() == ["b"] and bpy.context.active_object == other and other.select_get() and not one.select_get()
    assert [one.name for one in other.modifiers] == ["soft"] and [one.name for one in one.modifiers] == ["own"]
    assert (other.modifiers["soft"].width, other.modifiers["soft"].profile_type) == (single(1 / 7), "CUSTOM")
    assert other.children[0].modifiers["wide"].thickness == single(1 / 3) and not part.modifiers
    assert guest.parent == other.children[0] and guest.users_collection == (second,)
    assert other.animation_data.action and other.animation_data.drivers[0].driver.expression == "1.5"
    assert bpy.context.scene.collection in other.users_collection
    flip(step=1)
    assert shown() == ["a"] and (place(one), place(other), place(part)) == before
    assert bpy.ops.tripo.solo_variant(job_id="a") == {"FINISHED"}
    assert shown() == ["a", "b"] and (place(one), place(other), place(part)) == before, "side by side again"


def single(number: float) -> float:
    """As Blender keeps it."""
    return struct.unpack("f", struct.pack("f", number))[0]


def test_the_others_keep_what_is_theirs(extension: str) -> None:
    """However long one flips: all go through the place, and back."""
    all_three = [model(job, x) for job, x in (("a", 0.0), ("b", 1.5), ("c", 3.0))]
    work_on(top(all_three[1]))
    before = [place(top(one)) for one in all_three]
    for step in (1, 1, 1, -1, 2, -1):
        flip(job_id="b", step=step)
        (seen,) = shown()
        assert place(top(all_three["abc".index(seen)])) == before[1]
    flip(job_id="b")
    bpy.ops.tripo.solo_variant(job_id="b")
    assert shown() == ["a", "b", "c"] and [place(top(one)) for one in all_three] == before


def test_levels_of_detail_stay_out_of_sight(extension: str) -> None:
    def layer(collection: Any) -> Any:
        return bpy.context.view_layer.layer_collection.children[collection.name]

    both = [model("a"), model("b", 2.0)]
    for one in both:
        levels: Any = bpy.data.collections.new("LODs")
        levels["tripo_excluded"] = True
        one.children.link(levels)
        obj(f"level of {one.name}", levels, bpy.data.meshes.new("level"), top(one), one["tripo_job_id"])
        layer(one).children[0].exclude = True
    layer(both[1]).exclude = True
    for job in ("b", "a", "b"):
        flip(job_id=job)
        assert shown() == [job] and [layer(one).children[0].exclude for one in both] == [True, True]


def test_what_has_no_counterpart_moves_along(extension: str) -> None:
    first, second = model("a"), model("b", 2.0, tops=2)
    own, lonely = obj("hangs", bpy.context.scene.collection, parent=second.objects["part b 1"]), top(first)
    lonely.location = (5.0, 0.0, 0.0)
    bpy.context.view_layer.update()
    where = plain(own.matrix_world)
    flip(job_id="b")
    assert plain(second.objects["top b 1"].location) == (5.0, 1.0, 0.0)
    assert own.parent is None and plain(own.matrix_world) == where
    flip(job_id="a")
    assert plain(second.objects["top b 1"].location) == (2.0, 1.0, 0.0) and shown() == ["a"]


def test_one_that_hangs_on_another_changes_places_with_it(extension: str) -> None:
    first, second = model("a"), model("b", 2.0)
    top(second).parent = top(first)
    flip(job_id="b")
    assert top(second).parent is None and top(first).parent == top(second) and shown() == ["b"]


def test_it_is_refused_in_a_mode_and_where_there_is_nothing(extension: str) -> None:
    with pytest.raises(RuntimeError, match="generate some with one press"):
        bpy.ops.tripo.set_variant()
    first = model("a")
    with pytest.raises(RuntimeError, match="'c' is not one of several"):
        bpy.ops.tripo.set_variant(job_id="c")
    bpy.context.view_layer.objects.active = top(first)
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(RuntimeError, match="Object Mode"):
        bpy.ops.tripo.set_variant(job_id="a")
    bpy.ops.object.mode_set(mode="OBJECT")
