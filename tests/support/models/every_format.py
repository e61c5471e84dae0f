"""One small valid file of every kind that a result may have, made with Blender. Runs in Blender."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from . import made as models_make
from . import meshopt_encoder


def make_all(folder: Path) -> dict[str, bytes]:
    """Files by a name that says what is in them; `folder` is for the work."""
    models = {
        "GLB textured": _make(folder, "textured", ".glb"),
        "GLB skinned": _make(folder, "rigged_and_animated", ".glb"),
        "GLB shape keys": _make(folder, "shape_keys", ".glb"),
        "GLB hierarchy": _make(folder, "hierarchy", ".glb"),
        "GLB Draco": _make(folder, "smooth", ".glb", export_draco_mesh_compression_enable=True),
        "glTF ZIP": _zipped(_make(folder, "textured", ".gltf")),
        "FBX": _make(folder, "rigged", ".fbx"),
        "OBJ": _make(folder, "quads", ".obj", export_materials=False),
        "OBJ ZIP": _zipped(_make(folder, "quads", ".obj")),
        "STL": _make(folder, "plain", ".stl"),
        "STL text": _make(folder, "plain", ".stl", ascii_format=True),
        "USDC": _make(folder, "textured", ".usdc"),
        "USDA": _make(folder, "plain", ".usda"),
        "USDZ": _make(folder, "plain", ".usdz"),
    }
    plain = _make(folder, "plain", ".glb")
    models["GLB meshopt"] = meshopt_encoder.compress(plain, plain.with_name("meshopt.glb"))
    return {name: path.read_bytes() for name, path in models.items()}


def _make(folder: Path, name: str, suffix: str, **options: Any) -> Path:
    """A model of `models_make` in a folder of its own."""
    own = folder / f"{len(list(folder.iterdir()))}"
    own.mkdir()
    models_make.empty_file()
    models_make.MODELS[name]()
    return models_make.export(own / f"{name}{suffix}", **options)


def _zipped(path: Path) -> Path:
    """The file and those beside it, as an archive."""
    target = path.parent.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in sorted(path.parent.iterdir()):
            archive.write(one, one.name)
    return target
