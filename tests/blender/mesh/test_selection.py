"""A selection becomes a GLB: all that artists have, as they see it, and nothing of their file changes."""

from __future__ import annotations

import importlib
import json
import math
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from support.machine.releases import both_ends
from support.models.artists_scenes import SCENES, Made, add, bounds, collection_of, instance, material, painted
from support.models.worker import Worker

Package = Callable[[str], ModuleType]

pytestmark = both_ends


def everything() -> Any:
    """What an artist would notice if it changed."""
    kinds = [name for name in dir(bpy.data) if isinstance(getattr(bpy.data, name), type(bpy.data.objects))]
    return {
        "data": {name: sorted(one.name_full for one in getattr(bpy.data, name)) for name in kinds},
        "users": {one.name_full: one.users for one in bpy.data.objects},
        "selected": [one.name_full for one in bpy.context.view_layer.objects if one.select_get()],
        "active": getattr(bpy.context.view_layer.objects.active, "name", None),
        "mode": bpy.context.mode,
        "paths": [(one.filepath, one.is_dirty, one.source, len(one.packed_files)) for one in bpy.data.images],
        "libraries": [one.filepath for one in bpy.data.libraries],
        "frame": bpy.context.scene.frame_current,
        "file": bpy.data.filepath,
        "dirty": bpy.data.is_dirty,
    }


@pytest.fixture(scope="module")
def worker(extension: str) -> Iterator[Worker]:
    """One converter for all: what a scene leaves in it must not get into the next."""
    one = Worker(Path(importlib.import_module(extension).__file__ or "").parent)
    yield one
    one.close()


@pytest.fixture
def send(package: Package, home: Path, worker: Worker, tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Write objects as a press does, export them as the agent does; the path of the GLB."""
    selection, paths = package("operators.mesh.selection"), package("client.paths")

    def run(objects: Made, suffix: str = ".glb") -> Path:
        before = everything()
        source = selection.write_objects(bpy.context, objects, paths.Home(home))
        assert everything() == before
        target = tmp_path / f"sent{suffix}"
        answer = worker.order(export=home / source.blend, target=target)
        assert answer is not None and answer["ok"], (answer, "".join(worker.noise[-20:]))
        assert answer["faces"] > 0 and [one for one in tmp_path.iterdir() if "partial" in one.name] == []
        return target

    yield run


def imported(path: Path) -> Made:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    importer: Any = bpy.ops.import_scene
    importer.gltf(filepath=str(path)) if path.suffix == ".glb" else importer.fbx(filepath=str(path))
    return list(bpy.context.scene.objects)


@pytest.mark.parametrize("name", SCENES)
def test_what_artists_have_is_sent_in_its_place(name: str, send: Callable[..., Path], tmp_path: Path) -> None:
    objects = SCENES[name](tmp_path)
    shown = [one for one in objects if one.name not in ("hidden", "apart")]
    expected = bounds(objects) if len(shown) == len(objects) else None
    path = send(objects)
    found = imported(path)
    if expected is None:
        assert sorted(one.name for one in found) == ["apart", "hidden"]
    else:
        assert np.abs(bounds(found) - expected).max() < 1e-4


@pytest.mark.parametrize("name", ["ngons", "parented", "several_materials"])
def test_an_fbx_is_in_its_place_too(name: str, send: Callable[..., Path], tmp_path: Path) -> None:
    objects = SCENES[name](tmp_path)
    expected = bounds(objects)
    found = imported(send(objects, ".fbx"))
    assert np.abs(bounds(found) - expected).max() < 1e-3


def test_faces_that_a_negative_scale_turns_over_look_outside(send: Callable[..., Path], tmp_path: Path) -> None:
    found = imported(send(SCENES["parented"](tmp_path)))
    for obj in found:
        if isinstance(obj.data, bpy.types.Mesh):
            assert _volume(obj) > 0, obj.name


def _volume(obj: Any) -> float:
    import bmesh

    mesh = bmesh.new()
    mesh.from_mesh(obj.data)
    mesh.transform(obj.matrix_world)
    if obj.matrix_world.is_negative:
        bmesh.ops.reverse_faces(mesh, faces=mesh.faces[:])
    try:
        return mesh.calc_volume(signed=True)
    finally:
        mesh.free()


def test_only_what_was_selected_is_sent(send: Callable[..., Path], tmp_path: Path) -> None:
    found = imported(send(SCENES["parented"](tmp_path)))
    assert len(found) == 2 and "not sent" not in [one.name for one in found]


def test_names_stay(send: Callable[..., Path], tmp_path: Path) -> None:
    objects = SCENES["odd_names"](tmp_path)
    names = [one.name for one in objects]
    assert sorted(node["name"] for node in _document(send(objects))["nodes"]) == sorted(names)


def test_instances_share_their_mesh(send: Callable[..., Path], tmp_path: Path) -> None:
    document = _document(send(SCENES["linked_data"](tmp_path)))
    assert len(document["nodes"]) == 2 and len(document["meshes"]) <= 2
    cubes = collection_of("cubes", [add("cube")])
    many = [instance(cubes, f"{number}", (number * 3.0, 0, 0)) for number in range(20)]
    assert len(_document(send(many))["meshes"]) == 1


def test_materials_and_images_are_sent(send: Callable[..., Path], tmp_path: Path) -> None:
    document = _document(send(SCENES["several_materials"](tmp_path)))
    assert {one["name"] for one in document["materials"]} == {"material 0", "the object's own", "material 2"}
    assert len(document["images"]) == 2


@pytest.mark.parametrize("kind", ["generated", "saved", "packed", "float"])
def test_what_was_painted_and_not_saved_is_sent(kind: str, send: Callable[..., Path], tmp_path: Path) -> None:
    image = painted("painting")
    if kind == "float":
        bpy.data.images.remove(image)
        image = cast(Any, bpy.data.images.new("painting", 8, 4, float_buffer=True))
    elif kind != "generated":
        image.filepath_raw, image.file_format = str(tmp_path / "painting.png"), "PNG"
        image.save()
        if kind == "packed":
            image.pack()
    image.pixels.foreach_set(np.tile(np.array((1.0, 0.0, 0.25, 1.0), np.float32), 32))
    assert image.is_dirty
    obj = add()
    obj.data.materials.append(material("painted", image))
    path = send([obj])
    assert image.is_dirty and not (kind == "generated" and image.packed_file)
    bpy.ops.export_scene.gltf(filepath=str(tmp_path / "direct.glb"), export_format="GLB")
    assert _colour(path) == pytest.approx(_colour(tmp_path / "direct.glb"), abs=0.01)


def _colour(path: Path) -> Any:
    """The first pixel of the only image."""
    imported(path)
    images: list[Any] = list(bpy.data.images)
    (image,) = [one for one in images if min(one.size)]
    assert image.size[:] == (8, 4)
    return image.pixels[:4]


def test_a_relative_path_finds_its_image(send: Callable[..., Path], tmp_path: Path) -> None:
    image = painted("beside")
    image.filepath_raw, image.file_format = str(tmp_path / "beside.png"), "PNG"
    image.save()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    image.filepath_raw = "//beside.png"
    obj = add()
    obj.data.materials.append(material("beside", image))
    assert len(_document(send([obj]))["images"]) == 1
    assert image.filepath_raw == "//beside.png"


def test_a_text_that_only_scripts_drive_is_sent_as_it_is_seen(send: Callable[..., Path], tmp_path: Path) -> None:
    marker = tmp_path / "was run"
    text = bpy.data.texts.new("startup.py")
    text.write(f"open({str(marker)!r}, 'w').close()\n")
    text.use_module = True
    obj = add()
    obj["text"] = 1
    obj.location.x = 7.0
    driver = obj.driver_add("location", 0).driver
    driver.expression = f"7.0 + len(open({str(marker)!r}, 'w').name) * 0"
    send([obj])
    assert not marker.exists()


def test_no_undo_step_is_pushed(package: Package, home: Path) -> None:
    selection, paths = package("operators.mesh.selection"), package("client.paths")
    obj = add()
    bpy.ops.ed.undo_push(message="before")
    obj.location.x = 3.0
    bpy.ops.ed.undo_push(message="moved")
    selection.write_objects(bpy.context, [obj], paths.Home(home))
    bpy.ops.ed.undo()
    assert bpy.context.scene.objects["Suzanne"].location.x == 0.0


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: [], "No object is selected"),
        (lambda: [bpy.data.objects.new("empty", None)], "has no surface"),
        (lambda: [bpy.data.objects.new("none", bpy.data.meshes.new("none"))], "'none' has no faces"),
        (lambda: [_points_only()], "has no faces"),
        (lambda: [instance(bpy.data.collections.new("bare"), "of nothing", (0, 0, 0))], "has no faces"),
        (lambda: [_wordless()], "has no faces"),
    ],
)
def test_what_has_no_faces_is_refused_before_anything_is_spent(
    make: Callable[[], Made], sentence: str, package: Package
) -> None:
    selection = package("operators.mesh.selection")
    objects = make()
    for obj in objects:
        if not obj.users_collection:
            bpy.context.collection.objects.link(obj)
        obj.select_set(True)
    assert sentence in str(selection.selection_problem(bpy.context, objects))
    with pytest.raises(package("client.errors").TripoError, match=sentence):
        selection.objects_to_send(bpy.context)


def _points_only() -> Any:
    mesh = bpy.data.meshes.new("points")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0)], [(0, 1)], [])
    return bpy.data.objects.new("points", mesh)


def _wordless() -> Any:
    bpy.ops.object.text_add()
    text: Any = bpy.context.object
    text.data.body = "  "
    return text


def test_an_object_is_found_by_its_name_wherever_it_is_hidden(package: Package, tmp_path: Path) -> None:
    selection = package("operators.mesh.selection")
    SCENES["hidden_and_excluded"](tmp_path)
    for name in ("hidden", "apart"):
        assert [one.name for one in selection.objects_to_send(bpy.context, name)] == [name]
    with pytest.raises(package("client.errors").TripoError, match="no object 'nobody'"):
        selection.objects_to_send(bpy.context, "nobody")


def test_what_turns_out_to_have_no_faces_is_refused_by_the_converter(
    package: Package, home: Path, worker: Worker, tmp_path: Path
) -> None:
    selection, paths = package("operators.mesh.selection"), package("client.paths")
    bpy.ops.curve.primitive_bezier_circle_add()
    source = selection.write_objects(bpy.context, [bpy.context.object], paths.Home(home))
    answer = worker.order(export=home / source.blend, target=tmp_path / "sent.glb")
    assert answer == {"ok": False, "reason": "it has no faces"} and not list(tmp_path.iterdir())


def test_a_converted_result_is_exported_with_all_its_objects(worker: Worker, tmp_path: Path) -> None:
    add("cube")
    add("cone", location=(4, 0, 0))
    expected = bounds(list(bpy.context.scene.objects))
    bpy.ops.export_scene.gltf(filepath=str(tmp_path / "result.glb"), export_format="GLB")
    answer = worker.convert(tmp_path / "result.glb", tmp_path / "model.blend")
    assert answer is not None and answer["ok"]
    answer = worker.order(export=tmp_path / "model.blend", target=tmp_path / "again.glb")
    assert answer is not None and answer["ok"], "".join(worker.noise[-20:])
    assert np.abs(bounds(imported(tmp_path / "again.glb")) - expected).max() < 1e-4


def test_a_file_that_is_no_selection_is_refused(worker: Worker, tmp_path: Path) -> None:
    for content in (b"", b"BLENDER-v402", b"hello"):
        (tmp_path / "no.blend").write_bytes(content)
        answer = worker.order(export=tmp_path / "no.blend", target=tmp_path / "no.glb")
        assert answer is not None and not answer["ok"] and not (tmp_path / "no.glb").exists()


def _document(path: Path) -> Any:
    data = path.read_bytes()
    length = struct.unpack_from("<I", data, 12)[0]
    return json.loads(data[20 : 20 + length])


def test_the_matrix_of_a_sheared_object_is_what_the_test_says(tmp_path: Path) -> None:
    objects = SCENES["parented"](tmp_path)
    bpy.context.view_layer.update()
    matrix = objects[1].matrix_world
    assert np.abs(np.array(matrix) - np.array(Matrix.LocRotScale(*matrix.decompose()))).max() > 0.01
    assert not math.isclose(matrix.determinant(), 0.0)
