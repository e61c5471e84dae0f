"""The GLB container and glTF files: checks of everything an importer would trust.

After the glTF 2.0 specification, chapter 4.4 (GLB). Only the JSON is read whole; of the binary chunk just
the headers of pictures and the vertex indices.
"""

from __future__ import annotations

import struct
from pathlib import Path

from .errors import NotAModel, damaged, too_large, unsafe
from .fields import Fields, parse_object
from .gltf_data import GltfData
from .gltf_scene import GltfScene
from .model import Format, Limits, ModelFile
from .spans import Span

HEADER = struct.Struct("<4sII")
CHUNK = struct.Struct("<I4s")
MAX_CHUNKS = 16


def inspect_glb(path: Path, span: Span, limits: Limits) -> ModelFile:
    """Check a GLB file."""
    _, version, length = HEADER.unpack(span.read(0, HEADER.size))
    if version != 2:
        raise damaged(f"it is a GLB of version {version}, and only version 2 is known")
    if length != span.length:
        raise damaged(f"it should have {length:,} bytes, but has {span.length:,}")
    chunks = _chunks(span)
    if not chunks or chunks[0][0] != b"JSON":
        raise damaged("it does not start with a description")
    text = chunks[0][1]
    if text.length > limits.json_bytes:
        raise too_large("bytes in its description", limits.json_bytes)
    document = parse_object(text.read(0, text.length), limits)
    binary = chunks[1][1] if len(chunks) > 1 and chunks[1][0] == b"BIN\0" else None
    return _check(path, Format.GLB, span.length, document, binary, None, limits)


def inspect_gltf(path: Path, span: Span, folder: Path | None, limits: Limits) -> ModelFile:
    """Check a glTF file; it may refer to files in `folder`, its own, only if that is given."""
    if span.length > limits.json_bytes:
        raise too_large("bytes in its description", limits.json_bytes)
    document = parse_object(span.read(0, span.length), limits)
    return _check(path, Format.GLTF, span.length, document, None, folder, limits)


def _chunks(span: Span) -> list[tuple[bytes, Span]]:
    chunks: list[tuple[bytes, Span]] = []
    position = HEADER.size
    while position < span.length:
        length, kind = CHUNK.unpack(span.read(position, CHUNK.size))
        position += CHUNK.size
        if position + length > span.length:
            raise damaged("a part of it lies outside of the file")
        chunks.append((kind, span.part(position, length)))
        position += length
        if len(chunks) > MAX_CHUNKS:
            raise too_large("parts", MAX_CHUNKS)
    return chunks


def _check(
    path: Path,
    kind: Format,
    size: int,
    document: Fields,
    binary: Span | None,
    folder: Path | None,
    limits: Limits,
) -> ModelFile:
    asset = document.child("asset")
    if asset is None:
        raise NotAModel("The downloaded file is a message of the service, most likely about an error, not a 3D model.")
    if asset.text("version") != "2.0":
        raise unsafe("it is not of glTF version 2.0")
    required = document.texts("extensionsRequired", limits.items)
    with GltfData(document, binary, folder, limits) as data:
        scene = GltfScene(document, data, limits)
        return ModelFile(
            path=path,
            format=kind,
            size=size,
            triangles=scene.triangles,
            vertices=scene.vertices,
            pictures=data.pictures,
            needs_meshopt=data.needs_meshopt,
            uses_draco=scene.uses_draco,
            extensions_required=required,
        )
