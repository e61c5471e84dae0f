"""Every other format that a result can come in, by the importers of Blender for them."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest

from support.machine.releases import both_ends
from support.models import made as models_make
from support.models.parity import Package, Parity
from support.models.worker import Worker

CPP_FBX = "fbx_import" in dir(bpy.ops.wm)  # since 4.5

pytestmark = both_ends


def fbx(path: Path) -> None:
    if CPP_FBX:
        bpy.ops.wm.fbx_import(filepath=str(path))
    else:
        bpy.ops.import_scene.fbx(filepath=str(path))


def operator(run: Callable[..., Any]) -> Callable[[Path], None]:
    return lambda path: run(filepath=str(path)) and None


def zipped(folder: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                file.write(path, path.relative_to(folder))
    return archive


@pytest.mark.parametrize(
    "name",
    ["quads", "many_meshes", "hierarchy", "odd_scales", "textured", "rigged_and_animated", "shape_keys",
     "custom_properties", "vertex_colors", "many_uv_maps", "lights_and_cameras"],
)  # fmt: skip
def test_fbx(name: str, parity: Parity) -> None:
    """The service answers with it when quads are asked for."""
    path = parity.make(name, ".fbx", use_custom_props=True)
    parity.compare(path, fbx)
    if name == "quads":
        mesh = next(one for one in bpy.data.objects if one.name == "Quads").data
        assert {len(face.vertices) for face in mesh.polygons} == {4}


REFUSING = """
from converter import importers

class Refusing:
    def fbx_import(self, filepath):
        raise RuntimeError("Error: not today")

importers._WM = Refusing()
"""


@pytest.mark.skipif(not CPP_FBX, reason="there is only one FBX importer")
@pytest.mark.parametrize("name", ["quads", "rigged_and_animated", "textured"])
def test_fbx_by_the_importer_in_python(name: str, parity: Parity, package: Package) -> None:
    """What the one in C++ refuses is tried with the one in Python."""
    other = Worker(Path(package("").__file__ or "").parent, before=REFUSING)
    try:
        Parity(package, other, parity.folder).compare(parity.make(name, ".fbx"), operator(bpy.ops.import_scene.fbx))
    finally:
        other.close()
    assert "not today" in "".join(other.noise)


def test_gltf_in_zip(parity: Parity, tmp_path: Path) -> None:
    folder = tmp_path / "unzipped"
    (folder / "deep er").mkdir(parents=True)
    models_make.empty_file()
    models_make.MODELS["textured"]()
    plain = models_make.export(folder / "deep er" / "model.gltf", export_texture_dir="tex tures")
    parity.compare(zipped(folder, tmp_path / "result.zip"), lambda _: bpy.ops.import_scene.gltf(filepath=str(plain)))


def test_obj_in_zip(parity: Parity, tmp_path: Path) -> None:
    folder = tmp_path / "unzipped"
    folder.mkdir()
    models_make.empty_file()
    models_make.MODELS["quads"]()
    models_make.MODELS["many_meshes"]()
    plain = models_make.export(folder / "model.obj")
    assert list(folder.glob("*.png"))
    parity.compare(zipped(folder, tmp_path / "result.zip"), lambda _: bpy.ops.wm.obj_import(filepath=str(plain)))


@pytest.mark.parametrize("ascii_format", [False, True])
def test_stl(ascii_format: bool, parity: Parity) -> None:
    path = parity.make("quads", ".stl", ascii_format=ascii_format)
    assert path.read_bytes().startswith(b"solid") is ascii_format
    parity.compare(path, operator(bpy.ops.wm.stl_import))


@pytest.mark.parametrize("suffix", [".usdz", ".usdc", ".usda"])
@pytest.mark.parametrize("name", ["many_meshes", "rigged", "textured"])
def test_usd(name: str, suffix: str, parity: Parity) -> None:
    path = parity.make(name, suffix)
    parity.compare(path, operator(bpy.ops.wm.usd_import))


@pytest.mark.parametrize("suffix", [".glb", ".fbx", ".stl", ".usdz"])
def test_content_counts_not_the_name(suffix: str, parity: Parity, tmp_path: Path) -> None:
    path = parity.make("plain", suffix)
    for wrong in ("model", "model.obj", "model.blend"):
        shutil.copyfile(path, tmp_path / wrong)
        answer = parity.convert(tmp_path / wrong)
        assert answer == {"ok": True}, (wrong, answer)
        assert any(one.type == "MESH" for one in parity.deliver().all_objects)
