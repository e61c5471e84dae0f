# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose Blender's importer for a format, and prepare the file for it."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from client import formats
from client.formats import Format, FormatError, ModelFile
from client.formats.handover import Loss, Lost
from client.formats.notices import FileNotice
from client.notices import notice
from converter.locate_files import CompanionFiles
from converter.meshopt import MeshoptError
from converter.repair import repair

log = logging.getLogger(__name__)

# The operators are made at run time: their stubs know neither add-ons nor other releases.
_WM: Any = bpy.ops.wm
_IMPORT_SCENE: Any = bpy.ops.import_scene

_Importer = Callable[[str], set[str]]
_EXTENSION = re.compile(r"Extension (\w{1,60}) is not available")
"""How the glTF importer names an extension that a file requires."""


class ImportFailed(Exception):
    """The file cannot be read; the text says why, in an importer's words or as a notice (`client.notices.read`)."""


def _failed(code: FileNotice, **values: str) -> ImportFailed:
    return ImportFailed(notice(code, **values).to_text())


@dataclass(frozen=True)
class Imported:
    """What came of a file: ``path`` is the last that was imported, ``neighbours`` came with it."""

    path: Path
    neighbours: CompanionFiles
    lost: list[Lost]


def read(source: Path, folder: Path, ready: Callable[[], None]) -> Imported:
    """Import ``source``, all models if it is an archive; ``folder`` is for files made on the way. Raises ImportFailed.

    What the file is, is told by its content, whatever it is called. ``ready`` is called before each import.
    """
    root = folder / "archive"
    try:
        unpacked = formats.unpack(source, root)
        neighbours = CompanionFiles(root, unpacked.files)
    except FormatError as error:
        raise ImportFailed(error.notice.to_text()) from error
    lost = [Lost(Loss.MODEL, name) for name in unpacked.left_out]
    path = source
    failed: list[ImportFailed] = []
    for model in unpacked.models:
        ready()
        try:
            path, kind, missing = _repaired(model, neighbours, folder)
            _import(path, kind)
            lost += missing
        except ImportFailed as error:
            log.warning("%s: %s", model.path.name, error)
            failed.append(error)
            lost.append(Lost(Loss.MODEL, model.path.name))
    if len(failed) == len(unpacked.models):
        raise failed[0]
    return Imported(path, neighbours, lost)


def _repaired(model: ModelFile, neighbours: CompanionFiles, folder: Path) -> tuple[Path, Format, list[Lost]]:
    try:
        repaired, lost = repair(model, neighbours, folder)
    except FormatError as error:
        raise ImportFailed(error.notice.to_text()) from error
    except MeshoptError as error:
        raise _failed(FileNotice.COMPRESSED, reason=error.detail) from error
    return _suffixed(repaired.path, repaired.format, folder), repaired.format, lost


def _import(path: Path, kind: Format) -> None:
    importers = _importers(kind)
    if not importers:
        raise _failed(FileNotice.NO_IMPORTER, format=kind.value, blender=_blender())
    for importer in importers[:-1]:
        try:
            return _run(importer, path)
        except ImportFailed as error:
            log.warning("%s; trying the other importer", error)
    _run(importers[-1], path)


def _blender() -> str:
    return f"Blender {bpy.app.version_string}"


def _run(importer: _Importer, path: Path) -> None:
    try:
        finished = importer(str(path)) == {"FINISHED"}
    except (RuntimeError, MemoryError) as error:
        raise _why(error) from error
    if not finished:
        raise ImportFailed("the importer gave up")


_BY_SUFFIX = {Format.USDZ, Format.USDC, Format.USDA}
"""Formats whose importer goes by the name of the file."""


def _suffixed(path: Path, kind: Format, folder: Path) -> Path:
    suffix = kind.suffix
    if kind not in _BY_SUFFIX or path.suffix.lower() == suffix:
        return path
    # One out of an archive stays among the files it names.
    named = path.with_name(f"{path.name}{suffix}") if path.is_relative_to(folder) else folder / f"model{suffix}"
    shutil.copyfile(path, named)
    return named


def _why(error: Exception) -> ImportFailed:
    """Return why an importer failed: what is known of it, or the sentence in its error, without traceback and place."""
    text = str(error)
    if isinstance(error, MemoryError) or "MemoryError" in text:
        return ImportFailed("it needs too much memory")
    if missing := _EXTENSION.search(text):
        return _failed(FileNotice.EXTENSION, extension=missing[1], blender=_blender())
    if "DracoException" in text or "Draco mesh compression is not available" in text:
        return _failed(FileNotice.DRACO, blender=_blender())
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("Location:")]
    if not lines:
        return ImportFailed("the importer failed")
    said = lines[-1] if any("Traceback" in line for line in lines) else lines[0]
    return ImportFailed(said.removeprefix("Error: "))


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
    Format.USDZ: lambda path: _WM.usd_import(filepath=path),
    Format.USDC: lambda path: _WM.usd_import(filepath=path),
    Format.USDA: lambda path: _WM.usd_import(filepath=path),
}
