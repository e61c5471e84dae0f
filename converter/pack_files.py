# SPDX-License-Identifier: GPL-3.0-or-later
"""Pack the files that an imported model uses; drop references to anything else.

An image that the importer did not find is looked for among those that came with the model. One from elsewhere on this
machine is never taken: a model must not carry away what its file happens to name.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

from client.formats.byte_range import ByteRange
from client.formats.errors import UnsafeFile, too_much_memory
from client.formats.handover import Loss, Lost
from client.formats.images import measure
from converter.limits import physical_memory
from converter.locate_files import CompanionFiles, bare

log = logging.getLogger(__name__)

_DEEP = {"image/x-exr", "image/vnd.radiance", "image/x-dpx"}
"""Kinds that Blender keeps with 16 bytes for a pixel instead of 4."""
_BARE = re.compile(r"(?://)?[^\\/]*")


def pack_all(source: Path, neighbours: CompanionFiles, scratch: Path) -> list[Lost]:
    """Pack all images, drop every other reference to a file; return what is missing.

    ``source`` is the file that was imported, ``scratch`` holds what came with it. Raises UnsafeFile for images that
    take more memory than this machine has.
    """
    lost = [one for image in list(bpy.data.images) for one in _pack_image(image, source, neighbours, scratch)]
    _refuse_too_much()
    lost += _nameless_images()
    kinds: list[Any] = [bpy.data.cache_files, bpy.data.libraries, bpy.data.movieclips, bpy.data.sounds]
    blocks = [block for kind in kinds for block in kind]
    # Volumes cannot be packed; an empty one keeps its object, its materials and what hangs on it.
    volumes = [one for one in bpy.data.volumes if one.filepath]
    lost += [Lost(Loss.FILE, bare(one.filepath)) for one in (*blocks, *volumes)]
    bpy.data.batch_remove(blocks)
    for volume in volumes:
        volume.filepath = ""
    return lost


def outside() -> list[str]:
    """Return the paths of files that the data still refers to."""
    return [path for path in bpy.utils.blend_paths(absolute=False, packed=True) if not _BARE.fullmatch(path)]


def _pack_image(image: Any, source: Path, neighbours: CompanionFiles, scratch: Path) -> Iterator[Lost]:
    path = image.filepath_raw
    name = bare(path) or image.name
    if image.source in {"SEQUENCE", "MOVIE"}:
        yield Lost(Loss.IMAGE, name)
    elif image.source in {"FILE", "TILED"}:
        if image.packed_file is None:
            found = _place(path, source, neighbours, scratch)
            if found is None:
                yield Lost(Loss.IMAGE, name)
            elif not _pack(image, path if found is path else str(found)):
                yield Lost(Loss.UNREADABLE, name)
        elif source.suffix.startswith(".usd") and os.path.exists(path) and not _belongs(path, source, scratch):
            # The other importers pack what the file itself holds, whatever name that has.
            image.unpack(method="REMOVE")
            yield Lost(Loss.IMAGE, name)
        if image.packed_file is not None and not _is_readable(image):
            yield Lost(Loss.UNREADABLE, name)
            if not image.packed_file.size:
                image.unpack(method="REMOVE")  # Blender 4.2 crashes when it reads a packed file of no bytes.
    for owner, attribute in ((image, "filepath_raw"), *((packed, "filepath") for packed in image.packed_files)):
        whole = getattr(owner, attribute)
        # A short name would leave the rest of a long one in memory, and so in the file.
        setattr(owner, attribute, "_" * len(whole.encode()))
        # Not "//name": appending turns that into a path beside the file that is appended.
        setattr(owner, attribute, bare(whole))


def _place(path: str, source: Path, neighbours: CompanionFiles, scratch: Path) -> Path | str | None:
    """Return where an image is that the importer has not packed."""
    if path and _belongs(path, source, scratch):
        full = Path(path)
        if full.is_file() or ("<UDIM>" in full.name and any(full.parent.glob(full.name.replace("<UDIM>", "[0-9]*")))):
            return path
    # The importer has put the folder of the model in front.
    relative = path.removeprefix(f"{source.parent}{os.sep}").removeprefix(str(source.parent))
    return neighbours.find(relative.lstrip("/\\"), source) if path else None


def _belongs(path: str, source: Path, scratch: Path) -> bool:
    """Whether a path is among what came with the model: unpacked by us or by an importer, or in the model's folder."""
    folders = (scratch, source.parent, Path(bpy.app.tempdir))
    return any(Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)) for folder in folders)


def _pack(image: Any, path: str) -> bool:
    try:
        if image.filepath_raw != path:
            # A missing image is marked as one by the importer for OBJ; another source takes the mark away.
            image.source = "GENERATED"
            image.source = "FILE"
            image.filepath_raw = path
            image.reload()
        image.pack()
    except RuntimeError as error:
        log.warning("%s cannot be packed: %s", image.name, error)
    return image.packed_file is not None


def _images(image: Any) -> Iterator[tuple[bytes, tuple[int, int] | None, bool]]:
    """Yield the bytes of an image's packed files, their size if the header tells it, and whether they are deep."""
    for packed in image.packed_files:
        data = packed.packed_file.data
        try:
            info = measure(ByteRange.of_bytes(data))
        except UnsafeFile:
            info = None
        yield data, info and (info.width, info.height), bool(info and info.mime in _DEEP)


def _is_readable(image: Any) -> bool:
    """Whether Blender can read a packed image. Only what our own look at its header cannot tell has to be decoded."""
    return all(size is not None for _, size, _ in _images(image)) or min(image.size) > 0


def _refuse_too_much() -> None:
    total = 0
    images: list[Any] = list(bpy.data.images)
    for image in images:
        for _, size, deep in _images(image):
            width, height = size or image.size
            total += width * height * (16 if deep else 4)
    if total > physical_memory() * 3 // 4:
        raise too_much_memory(total, physical_memory())


def _nameless_images() -> list[Lost]:
    """The importer for USD leaves nothing of an image that it does not find but the node for it."""
    trees = [one.node_tree for one in bpy.data.materials if one.node_tree]
    nodes: list[Any] = [node for tree in trees for node in tree.nodes]
    return [Lost(Loss.IMAGE) for node in nodes if node.bl_idname == "ShaderNodeTexImage" and node.image is None]
