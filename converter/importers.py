"""Which of Blender's importers reads which format, and what has to happen to a file before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import bpy

from client import formats
from client.formats import Format, FormatError, ModelFile
from converter.meshopt import MeshoptError, expand

# The operators are made at run time: their stubs know neither add-ons nor other releases.
_WM: Any = bpy.ops.wm
_IMPORT_SCENE: Any = bpy.ops.import_scene


class ImportFailed(Exception):
    """The file cannot be read; the text says why."""


def read(source: Path, folder: Path) -> None:
    """Import ``source`` into the present scene; ``folder`` is for files made on the way. Raises ImportFailed."""
    try:
        model = formats.inspect(source)
        if model.is_archive:
            unpacked = folder / "archive"
            unpacked.mkdir()
            model = formats.unpack(source, unpacked)
        path = _plain(model, folder)
    except FormatError as error:
        raise ImportFailed(error.user_message) from error
    except MeshoptError as error:
        raise ImportFailed(error.user_message) from error
    importer = _IMPORTERS.get(model.format)
    if importer is None:
        raise ImportFailed(f"Blender cannot read {model.format.value} files")
    try:
        finished = importer(str(path)) == {"FINISHED"}
    except RuntimeError as error:
        raise ImportFailed(_last_line(str(error))) from error
    if not finished:
        raise ImportFailed("the importer gave up")


def _plain(model: ModelFile, folder: Path) -> Path:
    """Expand meshopt, which Blender reads from 5.2 on and only in official builds."""
    if not model.needs_meshopt:
        return model.path
    # Beside the original where that is a glTF with files of its own, which it names by relative paths.
    plain = model.path.with_name("plain.glb") if model.format is Format.GLTF else folder / "plain.glb"
    expand(model.path, plain)
    return plain


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "the importer failed"


def _fbx(path: str) -> set[str]:
    # The importer in C++ came with 4.5; the one in Python is an add-on that ships with every release so far.
    if hasattr(_WM, "fbx_import") and "fbx_import" in dir(_WM):
        return _WM.fbx_import(filepath=path)
    return _IMPORT_SCENE.fbx(filepath=path)


_IMPORTERS: Mapping[Format, Callable[[str], set[str]]] = {
    Format.GLB: lambda path: _IMPORT_SCENE.gltf(filepath=path),
    Format.GLTF: lambda path: _IMPORT_SCENE.gltf(filepath=path),
    Format.FBX: _fbx,
    Format.OBJ: lambda path: _WM.obj_import(filepath=path),
    Format.STL: lambda path: _WM.stl_import(filepath=path),
    Format.STL_ASCII: lambda path: _WM.stl_import(filepath=path),
    Format.PLY: lambda path: _WM.ply_import(filepath=path),
    Format.USDZ: lambda path: _WM.usd_import(filepath=path),
    Format.USDC: lambda path: _WM.usd_import(filepath=path),
    Format.USDA: lambda path: _WM.usd_import(filepath=path),
}
