"""Which of Blender's importers reads which format, and what has to happen to a file before."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import bpy

from client import formats
from client.formats import Format, FormatError, ModelFile
from converter.meshopt import MeshoptError, expand

log = logging.getLogger(__name__)

# The operators are made at run time: their stubs know neither add-ons nor other releases.
_WM: Any = bpy.ops.wm
_IMPORT_SCENE: Any = bpy.ops.import_scene

_Importer = Callable[[str], set[str]]


class ImportFailed(Exception):
    """The file cannot be read; the text says why."""


def read(source: Path, folder: Path) -> None:
    """Import ``source`` into the active collection; ``folder`` is for files made on the way. Raises ImportFailed.

    What the file is, is told by its content, whatever it is called.
    """
    try:
        model = formats.inspect(source)
        if model.is_archive:
            unpacked = folder / "archive"
            unpacked.mkdir()
            model = formats.unpack(source, unpacked)
        path = _suffixed(_plain(model, folder), model.format, folder)
    except (FormatError, MeshoptError) as error:
        log.warning("%s", error)
        raise ImportFailed(error.user_message) from error
    importers = _importers(model.format)
    if not importers:
        raise ImportFailed(f"Blender {bpy.app.version_string} cannot read {model.format.value} files")
    for importer in importers[:-1]:
        try:
            return _run(importer, path)
        except ImportFailed as error:
            log.warning("%s; trying the other importer", error)
    _run(importers[-1], path)


def _run(importer: _Importer, path: Path) -> None:
    try:
        finished = importer(str(path)) == {"FINISHED"}
    except (RuntimeError, MemoryError) as error:
        raise ImportFailed(_reason(error)) from error
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


_BY_SUFFIX = {Format.USDZ: ".usdz", Format.USDC: ".usdc", Format.USDA: ".usda"}
"""Formats whose importer goes by the name of the file."""


def _suffixed(path: Path, kind: Format, folder: Path) -> Path:
    suffix = _BY_SUFFIX.get(kind, "")
    if not suffix or path.suffix.lower() == suffix:
        return path
    # One out of an archive stays among the files it names.
    named = path.with_name(f"{path.name}{suffix}") if folder in path.parents else folder / f"model{suffix}"
    shutil.copyfile(path, named)
    return named


def _reason(error: Exception) -> str:
    """Return the sentence in an operator's error: not a Python traceback, nor the place in the code."""
    text = str(error)
    if isinstance(error, MemoryError) or "MemoryError" in text:
        return "it needs too much memory"
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("Location:")]
    if not lines:
        return "the importer failed"
    return (lines[-1] if any("Traceback" in line for line in lines) else lines[0]).removeprefix("Error: ")


def _importers(kind: Format) -> list[_Importer]:
    """Return what can read the format, the best first."""
    if kind in {Format.FBX, Format.FBX_ASCII}:
        return _fbx_importers(kind)
    importer = _IMPORTERS.get(kind)
    return [importer] if importer else []


def _fbx_importers(kind: Format) -> list[_Importer]:
    """The importer in C++ came with 4.5; the one in Python ships with every release so far and reads no text."""
    found: list[_Importer] = []
    if "fbx_import" in dir(_WM):
        found.append(lambda path: _WM.fbx_import(filepath=path))
    if kind is Format.FBX and hasattr(bpy.types, "IMPORT_SCENE_OT_fbx"):
        found.append(lambda path: _IMPORT_SCENE.fbx(filepath=path))
    return found


_IMPORTERS: Mapping[Format, _Importer] = {
    Format.GLB: lambda path: _IMPORT_SCENE.gltf(filepath=path),
    Format.GLTF: lambda path: _IMPORT_SCENE.gltf(filepath=path),
    Format.OBJ: lambda path: _WM.obj_import(filepath=path),
    Format.STL: lambda path: _WM.stl_import(filepath=path),
    Format.STL_ASCII: lambda path: _WM.stl_import(filepath=path),
    Format.PLY: lambda path: _WM.ply_import(filepath=path),
    Format.USDZ: lambda path: _WM.usd_import(filepath=path),
    Format.USDC: lambda path: _WM.usd_import(filepath=path),
    Format.USDA: lambda path: _WM.usd_import(filepath=path),
}
