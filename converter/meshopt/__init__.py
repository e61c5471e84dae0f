# SPDX-License-Identifier: GPL-3.0-or-later
"""Rewrite a glTF file whose buffer views are compressed with meshopt as a plain GLB.

Blender's importer refuses EXT_meshopt_compression (4.2 to 5.1), and none knows the name of its successor
KHR_meshopt_compression. The streams are decoded by `vertices` and `indices`, the filters by `filters`. Quantised
attributes (KHR_mesh_quantization) stay as they are: the importers of 4.2 and 5.0 read integer accessors, normalised or
not, with any byte stride, and scale them by the node's own matrix.

Runs where numpy is, without bpy. The file is untrusted: whatever it holds, `expand` writes a complete
target or raises MeshoptError (or OSError) and leaves no target behind.
"""

from __future__ import annotations

import binascii
import json
import os
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from client.files import disk
from client.formats.byte_range import ByteRange

from .errors import MeshoptError
from .filters import apply_filter
from .indices import decode_sequence, decode_triangles
from .vertices import decode_attributes

__all__ = ["EXTENSIONS", "MeshoptError", "decode_view", "expand"]

EXTENSIONS = ("KHR_meshopt_compression", "EXT_meshopt_compression")
MAX_BYTES = 1 << 31
"""Size of the unpacked data that `expand` refuses to exceed, unless told otherwise."""

Json = dict[str, Any]
GLB_HEADER = struct.Struct("<4sII")
CHUNK_HEADER = struct.Struct("<I4s")
INDEX_TYPES = {5121: np.dtype("u1"), 5123: np.dtype("<u2"), 5125: np.dtype("<u4")}


@dataclass(frozen=True, slots=True)
class _Stream:
    """One compressed buffer view, as its extension describes it."""

    buffer: int
    offset: int
    length: int
    stride: int
    count: int
    mode: str
    filter: str


def decode_view(data: bytes, mode: str, count: int, stride: int, filter_name: str = "NONE") -> bytes:
    """Decode one compressed buffer view to ``count * stride`` bytes; raises MeshoptError."""
    if mode == "ATTRIBUTES":
        return apply_filter(filter_name, decode_attributes(data, count, stride)).tobytes()
    if mode not in ("TRIANGLES", "INDICES"):
        raise MeshoptError(f"the compression mode {mode[:32]!r} is not known")
    if stride not in (2, 4) or filter_name != "NONE":
        raise MeshoptError("an index stream has a stride or filter it cannot have")
    indices = decode_triangles(data, count) if mode == "TRIANGLES" else decode_sequence(data, count)
    return indices.astype("<u2" if stride == 2 else "<u4").tobytes()


def expand(source: Path, target: Path, max_bytes: int = MAX_BYTES) -> None:
    """Write `source` (GLB, or glTF JSON with its buffers beside it) as a GLB without meshopt compression.

    Images of a glTF JSON file keep their relative paths, so `target` belongs into its folder.
    `max_bytes` bounds the size of the unpacked data.
    """
    try:
        with source.open("rb") as file:
            document, chunk = _read_document(file)
            _expand(document, _Buffers(document, chunk, source.parent), target, max_bytes)
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError) as error:
        raise MeshoptError("its description contradicts itself") from error
    except MemoryError as error:
        raise MeshoptError("it would need too much memory") from error


def _expand(document: Json, buffers: _Buffers, target: Path, max_bytes: int) -> None:
    views: list[Json] = document.get("bufferViews", [])
    plan, total = _layout(views, max_bytes)
    checks = _index_checks(document)
    for view, offset in zip(views, plan, strict=True):
        _make_plain(view, offset)
    streams = [view.pop("_stream", None) for view in views]
    origins = [view.pop("_origin") for view in views]
    _finish_document(document, total)

    part = target.with_name(target.name + ".part")
    try:
        with part.open("wb") as file:
            start = _write_head(file, document, total)
            written = 0
            for number, (stream, origin, offset) in enumerate(zip(streams, origins, plan, strict=True)):
                if offset < written:
                    continue  # The same bytes as an earlier view.
                file.write(b"\0" * (offset - written))
                if stream is None:
                    data = buffers.read(*origin)
                else:
                    packed = buffers.read(stream.buffer, stream.offset, stream.length)
                    data = decode_view(packed, stream.mode, stream.count, stream.stride, stream.filter)
                    _check_indices(data, checks.get(number, []))
                file.write(data)
                written = offset + len(data)
            file.write(b"\0" * (total - written))
            if file.tell() != start + total:
                raise MeshoptError("its parts do not have the sizes they should")
        disk.replace(part, target)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def _layout(views: list[Json], max_bytes: int) -> tuple[list[int], int]:
    """Offset of each view in the new buffer, and that buffer's size; views of the same bytes share a place.

    Notes in each view, as `_stream` and `_origin`, where its bytes come from.
    """
    places: dict[object, int] = {}
    offsets: list[int] = []
    total = 0
    for view in views:
        stream = _stream_of(view)
        length = _whole(view, "byteLength", None)
        origin = (_whole(view, "buffer", None), _whole(view, "byteOffset", 0), length)
        view["_origin"] = origin
        if stream is not None:
            view["_stream"] = stream
            if stream.stride * stream.count != length:
                raise MeshoptError("a compressed part does not have the size it should")
        key = stream or origin
        if key not in places:
            places[key] = total
            total += length + -length % 4
            if total > max_bytes:
                raise MeshoptError("it would need too much memory")
        offsets.append(places[key])
    return offsets, total


def _stream_of(view: Json) -> _Stream | None:
    for name in EXTENSIONS:
        extension = view.get("extensions", {}).get(name)
        if extension is not None:
            mode, filter_name = extension.get("mode"), extension.get("filter", "NONE")
            if not isinstance(mode, str) or not isinstance(filter_name, str):
                raise MeshoptError("a compressed part has no compression mode")
            return _Stream(
                buffer=_whole(extension, "buffer", None),
                offset=_whole(extension, "byteOffset", 0),
                length=_whole(extension, "byteLength", None),
                stride=_whole(extension, "byteStride", None),
                count=_whole(extension, "count", None),
                mode=mode,
                filter=filter_name,
            )
    return None


def _whole(owner: Json, key: str, default: int | None) -> int:
    value = owner.get(key, default)
    if type(value) is not int or not 0 <= value < 1 << 40:
        raise MeshoptError(f"{key} is not a size")
    return value


def _make_plain(view: Json, offset: int) -> None:
    view["buffer"] = 0
    view["byteOffset"] = offset
    extensions = view.get("extensions")
    if extensions is not None:
        for name in EXTENSIONS:
            extensions.pop(name, None)
        if not extensions:
            del view["extensions"]


def _finish_document(document: Json, total: int) -> None:
    document.pop("buffers", None)
    if total:
        document["buffers"] = [{"byteLength": total}]
    for key in ("extensionsUsed", "extensionsRequired"):
        if key in document:
            names = [name for name in document[key] if name not in EXTENSIONS]
            document[key] = names
            if not names:
                del document[key]


def _index_checks(document: Json) -> dict[int, list[tuple[np.dtype[Any], int, int, int]]]:
    """For each view with indices of meshes: (type, offset, count, number of vertices) of its accessors."""
    checks: dict[int, list[tuple[np.dtype[Any], int, int, int]]] = {}
    accessors: list[Json] = document.get("accessors", [])
    seen: set[tuple[int, int]] = set()
    for mesh in document.get("meshes", []):
        for primitive in mesh.get("primitives", []):
            index, position = primitive.get("indices"), primitive.get("attributes", {}).get("POSITION")
            if index is None or position is None or (index, position) in seen:
                continue
            seen.add((index, position))
            accessor = accessors[index]
            if accessor.get("bufferView") is not None:
                checks.setdefault(accessor["bufferView"], []).append(
                    (
                        INDEX_TYPES[accessor["componentType"]],
                        _whole(accessor, "byteOffset", 0),
                        _whole(accessor, "count", None),
                        _whole(accessors[position], "count", None),
                    )
                )
    return checks


def _check_indices(data: bytes, checks: list[tuple[np.dtype[Any], int, int, int]]) -> None:
    for dtype, offset, count, vertices in checks:
        if offset + count * dtype.itemsize > len(data):
            raise MeshoptError("a mesh has fewer indices than it says")
        values: NDArray[np.unsignedinteger[Any]] = np.frombuffer(data, dtype, count, offset)
        if count and int(values.max()) >= vertices:
            raise MeshoptError("a mesh refers to vertices that are not there")


def _write_head(file: BinaryIO, document: Json, total: int) -> int:
    """Write everything before the bytes of the new buffer; gives their offset in the file."""
    text = json.dumps(document, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    size = GLB_HEADER.size + CHUNK_HEADER.size + len(text) + (CHUNK_HEADER.size + total if total else 0)
    if size >= 1 << 32:
        raise MeshoptError("it would be too large for one file")
    file.write(GLB_HEADER.pack(b"glTF", 2, size))
    file.write(CHUNK_HEADER.pack(len(text), b"JSON") + text)
    if total:
        file.write(CHUNK_HEADER.pack(total, b"BIN\0"))
    return file.tell()


class _Buffers:
    """Gives ranges of the buffers of the source; the GLB's binary chunk is read piece by piece."""

    def __init__(self, document: Json, chunk: ByteRange | None, folder: Path) -> None:
        self._descriptions: list[Json] = document.get("buffers", [])
        self._chunk = chunk
        self._folder = folder.resolve()
        self._loaded: dict[int, bytes] = {}

    def read(self, buffer: int, offset: int, length: int) -> bytes:
        uri = self._descriptions[buffer].get("uri")
        if uri is None:
            data = self._chunk.peek(offset, length) if buffer == 0 and self._chunk is not None else b""
        else:
            if buffer not in self._loaded:
                self._loaded[buffer] = self._load(uri)
            data = self._loaded[buffer][offset : offset + length]
        if len(data) != length:
            raise MeshoptError("a part lies outside of the file")
        return data

    def _load(self, uri: str) -> bytes:
        if uri.startswith("data:"):
            return binascii.a2b_base64(uri.partition(";base64,")[2].encode("ascii"), strict_mode=True)
        path = (self._folder / unquote(uri)).resolve()
        if not path.is_relative_to(self._folder):
            raise MeshoptError("it refers to a file outside of its folder")
        return path.read_bytes()


def _read_document(file: BinaryIO) -> tuple[Json, ByteRange | None]:
    """Gives the JSON of a GLB or glTF file and the place of the GLB's binary chunk."""
    head = file.read(GLB_HEADER.size)
    if head[:4] != b"glTF":
        return _parse(head + file.read()), None
    size = os.fstat(file.fileno()).st_size
    if len(head) < GLB_HEADER.size or GLB_HEADER.unpack(head)[1:] != (2, size):
        raise MeshoptError("the file is incomplete")
    length = _chunk_length(file, size, b"JSON")
    document = _parse(file.read(length))
    if file.tell() == size:
        return document, None
    length = _chunk_length(file, size, b"BIN\0")
    return document, ByteRange(file, file.tell(), length)


def _chunk_length(file: BinaryIO, size: int, kind: bytes) -> int:
    """Read the header of a chunk, which must be of `kind` and inside the file; gives its length."""
    head = file.read(CHUNK_HEADER.size)
    if len(head) < CHUNK_HEADER.size:
        raise MeshoptError("the file is incomplete")
    length, found = CHUNK_HEADER.unpack(head)
    if found != kind or file.tell() + length > size:
        raise MeshoptError("the file is not laid out as a GLB")
    return length


def _parse(text: bytes) -> Json:
    document = json.loads(text.decode("utf-8"))
    if not isinstance(document, dict):
        raise MeshoptError("its description is missing")
    return document
