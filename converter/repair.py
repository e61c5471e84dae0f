# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy and repair files that importers stop at or that name files elsewhere.

Works without bpy. Images are not looked for here but in the USD formats: what the other importers did not find they
leave as an image with its path (see `pack_files`).
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

from client.formats import Format, ModelFile
from client.formats.archive import open_archive
from client.formats.handover import Loss, Lost
from client.formats.inspection import DEFAULT_LIMITS
from converter.locate_files import CompanionFiles, bare, relative
from converter.repair_gltf import repair_gltf
from converter.rewrite import rewrite

MATERIALS = re.compile(rb"mtllib(?<![^\s]mtllib)([ \t]+)((?:\\\r?\n|[^\r\n])*)")
SHARES = re.compile(rb"([\\/])\1(?:(?<=[ \t\"]..)|(?<=S..\x00\x00..))(?=[\w.-]+[\\/])", re.DOTALL)
"""Two slashes before a host, which Windows would log in to: after a blank or a quote, or in a string of binary FBX."""
ASSETS = re.compile(rb"@@@(.{1,4096}?)@@@|@([^@\r\n]{1,4096})@", re.DOTALL)


def repair(model: ModelFile, neighbours: CompanionFiles, scratch: Path) -> tuple[ModelFile, list[Lost]]:
    """Return the file to import instead of ``model`` and what is known to be missing; new files are for ``scratch``.

    A file out of an archive stays at its place, among its neighbours. Raises FormatError, MeshoptError, OSError.
    """
    path = model.path
    lost: list[Lost] = []
    match model.format:
        case Format.GLB | Format.GLTF:
            path = repair_gltf(path, neighbours, scratch)
        case Format.OBJ:
            path, lost = _repair_obj(path, neighbours, scratch)
        case Format.FBX | Format.FBX_ASCII:
            path = _without_shares(path, scratch)
        case Format.USDA:
            path = _repair_usda(path, neighbours, scratch)
        case Format.USDZ:
            return _repair_usdz(model, scratch), []
        case _:
            pass
    return replace(model, path=path), lost


def _own(path: Path, scratch: Path) -> Path:
    """Where the copy of a file goes: upon itself if it is a copy already."""
    return path if path.is_relative_to(scratch) else scratch / path.name


def _without_shares(path: Path, scratch: Path) -> Path:
    return rewrite(path, _own(path, scratch), SHARES, lambda _: b"__")


def _repair_obj(path: Path, neighbours: CompanionFiles, scratch: Path) -> tuple[Path, list[Lost]]:
    lost: list[Lost] = []
    libraries = {path.with_suffix(".mtl")}  # Blender looks for it whatever the file says.

    def change(match: re.Match[bytes]) -> bytes | None:
        if match.string[match.string.rfind(b"\n", 0, match.start()) + 1 : match.start()].strip():
            return None  # in the middle of a line
        name = re.sub(r"\\\r?\n", " ", _text(match[2])).strip().strip('"')
        found = neighbours.find(name, path)
        if found is None:
            if not path.with_suffix(".mtl").is_file():
                lost.append(Lost(Loss.MATERIALS, bare(name)))
            return None if bare(name) == name else b"mtllib" + match[1] + bare(name).encode()
        libraries.add(found)
        new = relative(found, path)
        return None if new == name else b"mtllib" + match[1] + new.encode()

    repaired = rewrite(path, _own(path, scratch), MATERIALS, change)
    for library in libraries:
        if library.is_file() and library.is_relative_to(scratch):
            _without_shares(library, scratch)
    return repaired, lost


def _repair_usda(path: Path, neighbours: CompanionFiles, scratch: Path) -> Path:
    def change(match: re.Match[bytes]) -> bytes | None:
        name = _text(match[1] or match[2])
        place, bracket, inner = name.partition("[")
        found = neighbours.find(place, path)
        if found is not None:
            new = relative(found, path)
            new = f"./{new}" if place.startswith("./") and not new.startswith("..") else new
        elif os.path.isabs(place) or re.match(r"[A-Za-z]:[\\/]", place) or ".." in re.split(r"[\\/]", place):
            new = bare(place)
        else:
            new = place
        if new == place:
            return None
        mark = b"@@@" if match[1] else b"@"
        return mark + f"{new}{bracket}{inner}".encode() + mark

    return rewrite(path, _own(path, scratch), ASSETS, change)


def _repair_usdz(model: ModelFile, scratch: Path) -> ModelFile:
    """Unpack a USDZ whose text spells the names of its files in another way than they have."""
    folder = scratch / "usdz"
    with model.path.open("rb") as file, open_archive(file, model.size, DEFAULT_LIMITS) as archive:
        if all(archive.kind(entry) is not Format.USDA for entry, _ in archive.entries):
            return model
        files = archive.unpack(folder, DEFAULT_LIMITS)
        root, kind = folder / archive.entries[0][1], archive.kind(archive.entries[0][0])
        texts = [
            path for (entry, _), path in zip(archive.entries, files, strict=True) if archive.kind(entry) is Format.USDA
        ]
    neighbours = CompanionFiles(folder, files)
    before = [path.stat().st_mtime_ns for path in texts]
    for path in texts:
        _repair_usda(path, neighbours, scratch)
    if before == [path.stat().st_mtime_ns for path in texts]:
        return model
    return ModelFile(root, Format(kind), root.stat().st_size)


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")
