"""GLB as the tools in use compress it: gltfpack, glTF Transform, Draco."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from support.machine.releases import both_ends
from support.models import glb_json as models_json
from support.models import npm as models_npm
from support.models.parity import Parity

pytestmark = both_ends

DRACO = any(Path(bpy.__file__).parent.rglob("lib*_draco*.so"))  # the wheels of 4.2 and 5.2 come without the library
MESHOPT = {
    "gltfpack -c": ("many_meshes", ["-c", "-noq", "-kn", "-km"]),
    "gltfpack -cc": ("textured", ["-cc"]),
    "gltfpack -cz": ("rigged_and_animated", ["-cz", "-kn"]),
    "gltfpack -cc -mi": ("instances", ["-cc", "-mi"]),
    "gltfpack -c -ce khr": ("vertex_colors", ["-c", "-ce", "khr", "-kv"]),
    "gltf-transform high": ("shape_keys", ["--level", "high"]),
    "gltf-transform medium": ("rigged", ["--level", "medium"]),
}


@pytest.mark.parametrize("tool", MESHOPT)
def test_meshopt(tool: str, parity: Parity, modules: Path, tmp_path: Path) -> None:
    """The importer cannot read it: its twin is expanded by meshoptimizer's own decoder."""
    name, options = MESHOPT[tool]
    source, packed, twin = parity.make(name), tmp_path / "packed.glb", tmp_path / "twin.glb"
    if tool.startswith("gltfpack"):
        models_npm.gltfpack(modules, source, packed, *options)
    else:
        models_npm.gltf_transform(modules, "meshopt", source, packed, *options)
    required = models_json.read_glb(packed)[0]["extensionsRequired"]
    assert any("meshopt_compression" in one for one in required)
    models_npm.expand(modules, packed, twin)
    # The filters may round differently by one unit, of which an octahedral normal of eight bits has 127.
    parity.compare(packed, twin=twin, tolerance=0.02)


@pytest.mark.parametrize("command", ["webp", "quantize", "instance", "sparse", "resample"])
def test_gltf_transform(command: str, parity: Parity, modules: Path, tmp_path: Path) -> None:
    source = parity.make({"webp": "textured", "resample": "animated_objects"}.get(command, "instances"))
    target = tmp_path / "transformed.glb"
    models_npm.gltf_transform(modules, command, source, target)
    parity.compare(target)


@pytest.mark.skipif(not DRACO, reason="this bpy wheel comes without the Draco library")
@pytest.mark.parametrize("name", ["smooth", "rigged", "vertex_colors"])
def test_draco(name: str, parity: Parity) -> None:
    path = parity.make(name, export_draco_mesh_compression_enable=True)
    assert "KHR_draco_mesh_compression" in models_json.read_glb(path)[0]["extensionsRequired"]
    parity.compare(path)
