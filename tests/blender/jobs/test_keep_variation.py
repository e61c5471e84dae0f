"""One of several variations is shown alone, and one is kept: the others leave with all that is theirs alone."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine.releases import both_ends
from support.models.placed import models
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = [pytest.mark.usefixtures("short_past"), both_ends]
DATA = ("objects", "meshes", "materials", "images", "node_groups", "actions", "armatures", "collections", "libraries")


def counts() -> dict[str, int]:
    return {name: len(getattr(bpy.data, name)) for name in DATA}


def by_number() -> dict[str, bpy.types.Collection]:
    """The models of the scene by the number of their variation."""
    return {one.name.rpartition(" ")[2][:1]: one for one in models()}


def is_shown(collection: bpy.types.Collection) -> bool:
    return any(one.visible_get() for one in collection.all_objects)


@pytest.fixture
def variations(quick: SandboxControl) -> dict[str, bpy.types.Collection]:
    """Three textured models of one press."""
    assert bpy.ops.tripo.text_to_3d(prompt="a mushroom", variations=3) == {"FINISHED"}
    found = by_number()
    assert sorted(found) == ["1", "2", "3"]
    return found


def test_one_variation_is_shown_alone_and_all_are_shown_again(variations: dict[str, bpy.types.Collection]) -> None:
    def shown() -> list[str]:
        bpy.context.view_layer.update()
        return [number for number, one in sorted(variations.items()) if is_shown(one)]

    first, second = (variations[number]["tripo_job_id"] for number in "12")
    assert bpy.ops.tripo.solo_variant(job_id=second) == {"FINISHED"}
    assert shown() == ["2"]
    assert bpy.ops.tripo.solo_variant(job_id=first) == {"FINISHED"}
    assert shown() == ["1"], "another one takes its place"
    assert bpy.ops.tripo.solo_variant(job_id=first) == {"FINISHED"}
    assert shown() == ["1", "2", "3"]
    for layer in bpy.context.view_layer.layer_collection.children["Tripo"].children:
        layer.hide_viewport = layer.collection == variations["3"]
    for _ in range(2):
        bpy.ops.tripo.solo_variant(job_id=first)
    assert shown() == ["1", "2"], "what the artist hid stays hidden"


def test_the_others_leave_with_all_their_data_and_come_back_by_undo_or_import(
    quick: SandboxControl, state: Any
) -> None:
    before = counts()
    assert bpy.ops.tripo.text_to_3d(prompt="a mushroom") == {"FINISHED"}
    (alone,) = models()
    of_one = {name: count - before[name] for name, count in counts().items()}
    bpy.data.batch_remove([*alone.all_objects, alone])
    bpy.ops.outliner.orphans_purge(do_recursive=True)
    before = counts()
    assert bpy.ops.tripo.text_to_3d(prompt="a mushroom", variations=3) == {"FINISHED"}
    of_three = counts()
    bpy.ops.ed.undo_push(message="before")
    kept = by_number()["2"]["tripo_job_id"]
    bpy.ops.tripo.solo_variant(job_id=kept)
    assert bpy.ops.tripo.keep_variant(job_id=kept) == {"FINISHED"}
    bpy.ops.ed.undo_push(message="kept")
    (left,) = models()
    assert left["tripo_job_id"] == kept and is_shown(left) and "tripo_set_aside" not in left
    assert {name: count - before[name] for name, count in counts().items()} == of_one | {"collections": 1}
    assert not [one for one in bpy.data.user_map() if one.users == 0]
    jobs = {job.name[0]: job.job_id for job in state.jobs if "/3" in job.name}
    assert sorted(jobs) == ["1", "2", "3"], "they stay in the list"
    assert bpy.ops.tripo.keep_variant(job_id=kept) == {"CANCELLED"}
    with pytest.raises(RuntimeError, match="not in the scene"):
        bpy.ops.tripo.keep_variant(job_id=jobs["1"])
    bpy.ops.ed.undo()
    assert counts() == of_three
    bpy.ops.ed.redo()
    assert bpy.ops.tripo.import_job(job_id=jobs["1"]) == {"FINISHED"}
    assert sorted(by_number()) == ["1", "2"]


def test_nothing_of_the_artist_leaves(variations: dict[str, bpy.types.Collection]) -> None:
    scene = bpy.context.scene
    gone = variations["1"]
    (mesh,) = (one for one in gone.all_objects if one.type == "MESH")
    own = bpy.data.collections.new("props")
    scene.collection.children.link(own)

    def add(name: str, collection: bpy.types.Collection, parent: Any = None, data: Any = None) -> bpy.types.Object:
        one = bpy.data.objects.new(name, data)
        collection.objects.link(one)
        one.parent, one.location = parent, (0.0, 0.0, 3.0)
        return one

    beside, hanging = add("beside", gone), add("hanging", own, mesh)
    copy = add("copy", own, data=bpy.data.meshes.new_from_object(mesh))
    other = variations["3"]
    (elsewhere,) = (one for one in other.all_objects if one.type == "MESH")
    own.objects.link(elsewhere)
    bpy.context.view_layer.update()
    place = hanging.matrix_world.copy()
    assert bpy.ops.tripo.keep_variant(job_id=variations["2"]["tripo_job_id"]) == {"FINISHED"}
    bpy.context.view_layer.update()
    assert [one["tripo_job_id"] for one in models()] == [variations["2"]["tripo_job_id"]]
    assert beside.name in scene.objects and [one.name for one in beside.users_collection[0].objects] == ["beside"]
    assert hanging.parent is None and hanging.matrix_world == place
    assert copy.data.materials[0].users >= 1, "what a copy uses stays"
    assert [one.name for one in elsewhere.users_collection] == ["props"]


def test_a_variation_that_is_still_to_come_stays_in_the_list(
    variations: dict[str, bpy.types.Collection], package: Package
) -> None:
    session = package("session.current").session()
    kept, late = (variations[number]["tripo_job_id"] for number in "12")
    states = package("client.jobs.states").Status
    bpy.data.batch_remove([*variations["2"].all_objects, variations["2"]])
    session.jobs.transition(late, states.IMPORTED, states.READY, target="a scene")
    assert bpy.ops.tripo.keep_variant(job_id=kept) == {"FINISHED"}
    job = session.jobs.get(late)
    assert (job.status, job.target, job.hidden) == (states.READY, "", 0)


def test_it_is_told_that_none_is_in_the_scene(variations: dict[str, bpy.types.Collection], state: Any) -> None:
    for one in variations.values():
        bpy.data.batch_remove([*one.all_objects, one])
    state.active_job = 0
    for operator in ("set_variant", "flip_variants", "solo_variant", "keep_variant"):
        with pytest.raises(RuntimeError, match="not in the scene"):
            getattr(bpy.ops.tripo, operator)()


def test_without_variations_it_says_so(state: Any) -> None:
    with pytest.raises(RuntimeError, match="generate some with one press"):
        bpy.ops.tripo.solo_variant()
