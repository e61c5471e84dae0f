"""Many objects: as Blender's importer makes them, and at a cost that does not grow with the square of their number."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import bpy
import pytest

from support.models import glb_json as models_json
from support.models import made as models_make
from support.models import snapshot as models_snapshot
from support.models.many_objects import write_many
from support.models.parity import Package, Parity


def appended(path: Path) -> dict[str, int]:
    """How many objects and meshes a `.blend` has: for each, Blender looks at all others when it appends it."""
    with cast(Any, bpy.data.libraries).load(str(path)) as (source, _wanted):
        return {"objects": len(source.objects), "meshes": len(source.meshes)}


def test_instances_are_equal_and_not_appended_one_by_one(parity: Parity) -> None:
    path = write_many(parity.folder / "many.glb", 250, meshes=2, extras={"shelf": 3, "label": "a", "box": [1.5, 2.5]})
    parity.compare(path)
    assert parity.convert(path) == {"ok": True}
    assert appended(parity.folder / "model.blend") == {"objects": 0, "meshes": 2}


def test_hierarchy_turned_and_scaled(parity: Parity) -> None:
    path = write_many(parity.folder / "many.glb", 240, rotation=[0.0, 0.6, 0.0, 0.8], scale=[1.0, 2.0, 0.5])
    document, binary = models_json.read_glb(path)
    for number, node in enumerate(document["nodes"]):
        if number % 3 == 0:
            del node["mesh"]  # an empty
            node["children"] = [number + 1]
        elif number % 3 == 1:
            node["children"] = [number + 1]
    document["scenes"][0]["nodes"] = list(range(0, 240, 3))
    parity.compare(models_json.write_glb(path, document, binary))


def test_few_objects_are_appended_as_they_are(parity: Parity) -> None:
    path = write_many(parity.folder / "few.glb", 20)
    assert parity.convert(path) == {"ok": True}
    assert appended(parity.folder / "model.blend")["objects"] == 20


def test_a_thumbnail_shows_the_rows(parity: Parity) -> None:
    path = write_many(parity.folder / "many.glb", 120)
    assert parity.convert(path) == {"ok": True}
    order = {"blend": parity.folder / "model.blend", "thumbnail": parity.folder / "thumbnail.png"}
    assert parity._worker.order(**order) == {"ok": True}  # pyright: ignore[reportPrivateUsage]


def test_the_shelf_has_their_objects_and_the_delivery_reads_the_rows(parity: Parity) -> None:
    path = write_many(parity.folder / "many.glb", 120)
    assert parity.convert(path) == {"ok": True}
    before = models_snapshot.of_collection(parity.deliver())
    blend = parity.folder / "model.blend"
    entry = {"description": "", "author": "", "catalog_id": "", "tags": [], "facts": {"tripo_job_id": "job"}}
    for name in ("parts", "pieces"):
        order = {"shelve": blend, "target": blend, "entry": entry | {"name": name}}
        assert parity._worker.order(**order) == {"ok": True}  # pyright: ignore[reportPrivateUsage]
    assert appended(blend) == {"objects": 120, "meshes": 1}, "of the last asset only"
    found = list(models_snapshot.differences(before, models_snapshot.of_collection(parity.deliver())))
    assert not found, "\n".join(found[:20])
    with cast(Any, bpy.data.libraries).load(str(blend), assets_only=True) as (source, wanted):
        wanted.collections = source.collections
    (asset,) = wanted.collections
    assert asset.name == "pieces" and len(asset.all_objects) == 120


def plain_scene(count: int) -> bpy.types.Collection:
    """A collection with one below it, each with half of the objects."""
    models_make.empty_file()
    outer, inner = bpy.data.collections.new("outer"), bpy.data.collections.new("inner")
    bpy.context.scene.collection.children.link(outer)
    outer.children.link(inner)
    mesh = bpy.data.meshes.new("mesh")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    for number in range(count):
        (outer, inner)[number % 2].objects.link(bpy.data.objects.new(f"Part {number}", mesh))
    return outer


def tangled_scene() -> bpy.types.Collection:
    """A few objects that are more than their place, and some that others refer to."""
    outer = plain_scene(150)
    data = bpy.data.objects
    constraint: Any = data["Part 5"].constraints.new("COPY_LOCATION")
    constraint.target = data["Part 6"]
    data["Part 6"].parent = data["Part 7"]
    data["Part 8"].parent = data["Part 5"]
    data["Part 9"].parent = data["Part 10"]
    data["Part 11"].hide_render = True
    data["Part 12"].rotation_mode, data["Part 12"].rotation_euler = "ZXY", (0.1, 0.2, 0.3)
    bpy.context.view_layer.update()
    return outer


def test_what_others_refer_to_stays_an_object(package: Package, extension: str) -> None:
    plain_objects = package("converter.plain_objects")
    before = models_snapshot.of_collection(tangled_scene())
    outer = tangled_scene()  # anew: looking at what add-ons keep on objects makes it
    plain_objects.note(outer)
    assert {one.name for one in bpy.data.objects} == {"Part 5", "Part 6", "Part 7"}
    plain_objects.restore(outer)
    bpy.context.view_layer.update()
    found = models_snapshot.differences(before, models_snapshot.of_collection(outer))
    assert not [one for one in found if not one.startswith("/Mesh ")], "the mesh is not written at all here"
    assert not list(outer.keys())


def test_an_instanced_collection_keeps_its_objects(package: Package, extension: str) -> None:
    plain_objects = package("converter.plain_objects")
    outer = plain_scene(150)
    shown = bpy.data.collections.new("shown")
    shown.objects.link(bpy.data.objects["Part 3"])
    instance = bpy.data.objects.new("instance", None)
    instance.instance_type, instance.instance_collection = "COLLECTION", shown
    outer.objects.link(instance)
    plain_objects.note(outer)
    assert {one.name for one in bpy.data.objects} == {"Part 3", "instance"}


def test_damaged_rows_leave_nothing(parity: Parity, package: Package) -> None:
    assert parity.convert(write_many(parity.folder / "many.glb", 120)) == {"ok": True}
    blend = parity.folder / "model.blend"
    data = blend.read_bytes()
    assert data.count(b'["Part 119"') == 1
    blend.write_bytes(data.replace(b'["Part 119"', b'[{Part 119"'))
    models_make.empty_file()
    with pytest.raises(package("client.errors").ResultRefused):
        package("session.delivery.append").collection_from(blend)
    assert not bpy.data.objects and not bpy.data.collections and not bpy.data.libraries
