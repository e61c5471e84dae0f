"""Odd files arrive as Blender's own importers take them, with a word where something is missing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import bpy
import pytest

from support.machine.releases import both_ends
from support.models import made as models_make
from support.models import odd as models_odd
from support.models.odd import ODD
from support.models.parity import Parity
from support.models.worker import Worker

Package = Callable[[str], ModuleType]

pytestmark = both_ends


@pytest.fixture(scope="module")
def worker(extension: str) -> Iterator[Worker]:
    one = Worker(Path(importlib.import_module(extension).__file__ or "").parent)
    yield one
    assert one.close() == 0, "".join(one.noise[-30:])


@pytest.fixture
def parity(package: Package, worker: Worker, tmp_path: Path) -> Parity:
    return Parity(package, worker, tmp_path)


def paths_in_file() -> list[str]:
    """Every path in the open file, of all data; its bytes also hold what is left behind the ends of texts."""
    found: list[str] = []
    for many in bpy.data.bl_rna.properties:
        for one in getattr(bpy.data, many.identifier) if many.type == "COLLECTION" else ():
            kinds = [prop for prop in one.bl_rna.properties if prop.type == "STRING" and "_PATH" in prop.subtype]
            found += [getattr(one, prop.identifier) for prop in kinds]
    packed = [file for image in cast(Any, bpy.data.images) for file in image.packed_files]
    return [*found, *(file.filepath for file in packed)]


def meshes(collection: bpy.types.Collection) -> list[Any]:
    return [one for one in collection.all_objects if one.type == "MESH"]


@pytest.mark.parametrize("name", [name for name, odd in ODD.items() if not odd.refused])
def test_arrives(name: str, parity: Parity) -> None:
    odd = ODD[name]
    answer = parity.convert(odd.write(parity.folder))
    assert answer == ({"ok": True, "warnings": odd.warnings} if odd.warnings else {"ok": True})
    collection = parity.deliver()
    for part in (str(parity.folder), "archive", "usd_textures", "usdz"):
        assert not [path for path in paths_in_file() if part in path]
    assert len(collection.all_objects) == odd.objects
    found = meshes(collection)
    assert len(found) == odd.meshes
    for one in found:
        counts = (len(one.data.vertices), len(one.data.polygons), len(one.data.uv_layers))
        assert counts == (odd.vertices, odd.faces, odd.uv_layers)
    images: list[Any] = list(bpy.data.images)
    assert len(images) == odd.images
    assert sum(tuple(one.size) == (odd.side, odd.side) for one in images) == odd.with_pixels
    assert not bpy.data.cache_files and not bpy.data.libraries


@pytest.mark.parametrize("name", [name for name, odd in ODD.items() if odd.refused])
def test_is_refused_in_words(name: str, parity: Parity, package: Package) -> None:
    answer = parity.convert(ODD[name].write(parity.folder))
    assert answer is not None and not answer["ok"]
    said = str(package("client.agent.converter.notices").refused(answer["reason"]))
    assert ODD[name].refused in said, said
    assert not (parity.folder / "model.blend").exists()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("glb_bad_json", "Blender cannot read this result"),
        ("glb_accessor_past_end", "it has too many elements"),
        ("glb_outside_buffer", "a file that it refers to is missing"),
        ("glb_http_image", "it refers to an address on a network"),
        ("glb_no_mesh", "it holds no objects"),
        ("glb_outside_image", ""),
        ("glb_file_url_image", ""),
    ],
)
def test_hostile_contents_do_no_harm(name: str, says: str, parity: Parity, package: Package) -> None:
    """Without words it arrives, and the file of this machine that it names is missing in it."""
    path = parity.folder / "download"
    path.write_bytes(package("sandbox.hostile").CONTENTS[name](models_odd.Cube().glb()))
    answer = parity.convert(path)
    assert answer is not None
    if says:
        assert not answer["ok"]
        assert says in str(package("client.agent.converter.notices").refused(answer["reason"]))
    else:
        assert answer == {"ok": True, "warnings": [["image missing", "hostname"]]}


@pytest.mark.parametrize("name", ["USD that moves", "USD that moves, zipped", "USD that changes its shape"])
def test_animation_needs_no_file(name: str, parity: Parity) -> None:
    path = ODD[name].write(parity.folder)
    assert parity.convert(path) == {"ok": True}
    path.unlink()
    collection = parity.deliver()
    (quad,) = meshes(collection)
    assert not [one for one in (*quad.constraints, *quad.modifiers) if "CACHE" in one.type]
    for frame, height in ((1, 0.0), (12, 2.0), (24, 0.0), (18, 1.0)):
        bpy.context.scene.frame_set(frame)
        shown: Any = quad.evaluated_get(bpy.context.evaluated_depsgraph_get())
        heights = [(shown.matrix_world @ vertex.co).z for vertex in shown.data.vertices]
        assert heights == pytest.approx([height] * 4, abs=1e-5), frame


def test_a_file_of_this_machine_is_not_carried_away(
    parity: Parity, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every format may name any file; none but those that came with the model come into the artist's file."""
    secret = tmp_path_factory.mktemp("private") / "secret.png"
    secret.write_bytes(models_odd.png(8, 77))
    (tmp_path / "beside.png").write_bytes(models_odd.png(8, 77))
    fbx = tmp_path / "made.fbx"
    models_make.empty_file()
    models_make.MODELS["textured"]()
    for image in bpy.data.images:
        image.filepath_raw = str(secret)
        image.file_format = "PNG"
        image.save()
    bpy.ops.export_scene.fbx(filepath=str(fbx), path_mode="ABSOLUTE")
    files = {
        "glTF": models_odd.naming(str(secret)).glb(),
        "glTF, relative": models_odd.naming(f"../{secret.parent.name}/secret.png").glb(),
        "glTF, beside": models_odd.naming("beside.png").glb(),
        "OBJ": models_odd.archive({"a.obj": models_odd.obj("a.mtl"), "a.mtl": models_odd.mtl(str(secret))}),
        "USD": models_odd.usda(str(secret)),
        "FBX": fbx.read_bytes(),
    }
    for name, data in files.items():
        (tmp_path / "download").write_bytes(data)
        answer = parity.convert(tmp_path / "download")
        assert answer is not None and answer["ok"], name
        assert {one[0] for one in answer["warnings"]} == {"image missing"}, name
        parity.deliver()
        images: list[Any] = list(bpy.data.images)
        assert not [one for one in images if one.packed_file or tuple(one.size) != (0, 0)], name
