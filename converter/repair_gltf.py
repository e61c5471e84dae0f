# SPDX-License-Identifier: GPL-3.0-or-later
"""Rewrite glTF so that Blender's importer takes it: buffers, scenes, meshopt."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from client.formats.errors import damaged, too_large
from client.formats.inspection import DEFAULT_LIMITS
from client.formats.safe_paths import refuse_address
from client.notices import N_
from converter.locate_files import CompanionFiles, relative
from converter.meshopt import EXTENSIONS, expand

Json = dict[str, Any]
HEADER = struct.Struct("<4sIII4s")
"""Magic, version, length; length and kind of the first chunk (glTF 2.0 specification, chapter 4.4)."""


def repair_gltf(path: Path, neighbours: CompanionFiles, scratch: Path) -> Path:
    """Return the file to import; raises UnsafeFile, MeshoptError, OSError.

    What is not as the specification says is left as it is: the importer knows better what it can bear.
    """
    document, end = _read(path)
    if document is None:
        return path
    _refuse_too_much(document)
    # A copy lies beside the original where that came with files of its own, which it names by relative paths.
    folder = path.parent if path.is_relative_to(scratch) else scratch
    if _repair_references(document, path, neighbours) | _repair_scenes(document):
        copy = folder / f"repaired-{path.stem}{'.glb' if end else '.gltf'}"
        _write(document, path, end, copy)
        path = copy
    if any(name in _of(view, "extensions") for view in _objects(document, "bufferViews") for name in EXTENSIONS):
        plain = folder / f"plain-{path.stem}.glb"
        expand(path, plain)
        return plain
    return path


def _read(path: Path) -> tuple[Json | None, int]:
    """Return the description, None if it cannot be read, and where it ends in a GLB; 0 for JSON."""
    with path.open("rb") as file:
        head = file.read(HEADER.size)
        end = 0
        if head[:4] == b"glTF" and len(head) == HEADER.size:
            length = HEADER.unpack(head)[3]
            end = HEADER.size + length
            text = file.read(length)
        else:
            text = head + file.read()
    try:
        document = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None, 0
    return (document, end) if isinstance(document, dict) else (None, 0)


def _write(document: Json, source: Path, end: int, target: Path) -> None:
    text = json.dumps(document, separators=(",", ":")).encode()
    if not end:
        target.write_bytes(text)
        return
    text += b" " * (-len(text) % 4)
    rest = source.stat().st_size - end
    with source.open("rb") as old, target.open("wb") as new:
        new.write(HEADER.pack(b"glTF", 2, HEADER.size + len(text) + rest, len(text), b"JSON") + text)
        old.seek(end)
        shutil.copyfileobj(old, new)


def _refuse_too_much(document: Json) -> None:
    """A few bytes may ask for more numbers than the machine has memory; an importer only notices when it is used up."""
    counts = [one.get("count") for one in _objects(document, "accessors")]
    if sum(one for one in counts if isinstance(one, int) and one > 0) > DEFAULT_LIMITS.elements:
        raise too_large(N_("elements"), DEFAULT_LIMITS.elements)


def _repair_references(document: Json, path: Path, neighbours: CompanionFiles) -> bool:
    """Have buffers and images named as their files are; return whether something has changed."""
    changed = False
    for key in ("buffers", "images"):
        for owner in _objects(document, key):
            uri = owner.get("uri")
            if not isinstance(uri, str) or uri[:5].lower() == "data:":
                continue
            refuse_address(uri)
            found = neighbours.find(unquote(uri), path) or neighbours.find(uri, path)
            if found is None and key == "buffers":
                raise damaged("a file that it refers to is missing")
            # What is missing is asked for where nothing can be: the importer then leaves an image of that name.
            name = "missing/" + unquote(uri).replace("\\", "/").rpartition("/")[2]
            place = name if found is None else relative(found, path)
            if place != unquote(uri):
                owner["uri"] = quote(place)
                changed = True
    return changed


def _repair_scenes(document: Json) -> bool:
    """Take nodes that have a parent out of the scenes' lists: Blender 5.0 makes them twice and fails."""
    children = {
        child for node in _objects(document, "nodes") for child in _list(node, "children") if isinstance(child, int)
    }
    changed = False
    for scene in _objects(document, "scenes"):
        nodes = _list(scene, "nodes")
        roots = [one for one in nodes if not (isinstance(one, int) and one in children)]
        if roots and len(roots) != len(nodes):
            scene["nodes"] = roots
            changed = True
    return changed


def _objects(document: Json, key: str) -> list[Json]:
    return [one for one in _list(document, key) if isinstance(one, dict)]


def _list(owner: Json, key: str) -> list[Any]:
    value = owner.get(key)
    return value if isinstance(value, list) else []


def _of(owner: Json, key: str) -> Json:
    value = owner.get(key)
    return value if isinstance(value, dict) else {}
